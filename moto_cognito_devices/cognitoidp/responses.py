"""The device operations of Cognito, and the checks that moto lacks on those that it has. Unpacks and packs only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from moto.cognitoidp import responses as moto_responses
from moto.cognitoidp.models import CognitoIdpUser, UserStatus, cognitoidp_backends
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores, get_service_model, unix_time
from moto.utilities.aws_headers import gen_amzn_requestid_long

from . import access_tokens, caller, injected_errors, log, validation
from .auth import flows, mfa
from .exceptions import (
    AdminSoftwareTokenNotSetUpError,
    ClientNotFoundError,
    ConflictingTriggersError,
    MissingParameterError,
    SerializationException,
    SoftwareTokenNotSetUpError,
)
from .models import CognitoIdpBackend, RegionAgnosticBackend, backend_of
from .user_pools import CognitoIdpUserPool

Parameters = dict[str, Any]
Preference = tuple[CognitoIdpUserPool, str, Parameters]

_CONTENT_TYPE = "application/x-amz-json-1.1"


class OperationsOnlyDir(type):
    """``dir()`` of the class is its operations: moto goes through all of it in each request, to find one method."""

    def __dir__(cls) -> list[str]:
        operations = _operation_methods()
        return list(frozenset().union(*(operations.intersection(vars(base)) for base in cls.__mro__)))


@cache
def _operation_methods() -> frozenset[str]:
    return frozenset(camelcase_to_underscores(name) for name in get_service_model("cognito-idp").operation_names)


class UndecodableBodyError(Exception):
    """No UTF-8, or broken gzip."""


class CognitoIdpResponse(moto_responses.CognitoIdpResponse, metaclass=OperationsOnlyDir):
    """What the plugin answers is in AWS's form, errors too; what it hands on stays as moto has it.

    Results go out as JSON that is made here, and not as moto's ActionResult: moto before 5.1.12 would cut the dates to
    seconds.
    """

    def _dispatch(self, request: Any, *args: Any, **kwargs: Any) -> TYPE_RESPONSE:
        try:
            with caller.serving(request):
                if cognitoidp_backends.backend is not CognitoIdpBackend:  # deactivated while this request came in
                    return moto_responses.CognitoIdpResponse()._dispatch(request, *args, **kwargs)
                answer = super()._dispatch(request, *args, **kwargs)
        except UndecodableBodyError:
            answer = _refused(SerializationException("The request body can not be decoded."))
        status, headers, body = answer
        if "x-amzn-ErrorMessage" in headers:
            headers.pop("status")  # moto takes the status from there, and leaves it
        return status, headers, body

    def call_action(self) -> TYPE_RESPONSE:
        error = injected_errors.take(self._get_action()) if injected_errors.pending() else None
        if error is None:
            return super().call_action()
        log.refused(self._get_action(), error)
        status, headers, body = _refused(error)
        gen_amzn_requestid_long(headers)
        return status, {**self.response_headers, **headers}, body

    def setup_class(self, *args: Any, **kwargs: Any) -> None:
        """moto reads the request's body here."""
        try:
            super().setup_class(*args, **kwargs)
        except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
            raise UndecodableBodyError from error

    def get_region_from_url(self, request: Any, full_url: str) -> str:
        try:
            return super().get_region_from_url(request, full_url)
        except IndexError:  # an Authorization header that only looks like AWS's
            return self.default_region

    def determine_response_protocol(self, *args: Any) -> str:  # noqa: ARG002
        """JSON, whatever Content-Type came: moto takes some for protocols that Cognito doesn't speak, and breaks."""
        return "json"

    def _get_region_agnostic_backend(self) -> RegionAgnosticBackend:
        return RegionAgnosticBackend(self.current_account, self.region)

    @property
    def backend(self) -> CognitoIdpBackend:
        """The backend of a signed request."""
        return backend_of(self.current_account, self.region)

    def _checked(self, *needed: str) -> Parameters:
        """The parameters of this request, all of them valid.

        :param needed: those that the service can't do without, though its model calls them optional
        """
        operation = self._get_action()
        parameters = validation.parse(operation, self.body)
        validation.validate(operation, parameters)
        for name in needed:
            if name not in parameters:
                raise MissingParameterError(name)
        return parameters

    def _answer(
        self, parameters: Callable[[], Any], operation: Callable[[Any], Any] | None = None
    ) -> TYPE_RESPONSE | None:
        """The plugin's answer, a result or an error.

        :param parameters: gives the request's; None where the operation is moto's affair
        :returns: None where it is
        """
        try:
            given = parameters()
            if given is None or operation is None:
                return None
            result = operation(given)
        except JsonRESTError as error:
            log.refused(self._get_action(), error)
            return _refused(error)
        return 200, {"Content-Type": _CONTENT_TYPE}, "" if result is None else json.dumps(result)

    # User pool
    def create_user_pool(self) -> Any:
        return self._answer(self._check_configuration) or super().create_user_pool()

    def update_user_pool(self) -> Any:
        return self._answer(self._check_configuration) or super().update_user_pool()

    def set_user_pool_mfa_config(self) -> Any:
        def of_ours() -> Parameters | None:
            given = _json_object(self.body)
            user_pool = self._pool_named(given)
            if user_pool is None or not user_pool.manages_sign_in:
                return None
            # moto wants MfaConfiguration given, which is OFF without, and drops EmailMfaConfiguration.
            motos = given.get("MfaConfiguration") is not None and given.get("EmailMfaConfiguration") is None
            return None if motos else self._checked()

        def operation(given: Parameters) -> Parameters:
            result = self.backend.set_user_pool_mfa_config(
                given["UserPoolId"],
                given.get("SmsMfaConfiguration"),
                given.get("SoftwareTokenMfaConfiguration"),
                given.get("MfaConfiguration", "OFF"),
                given.get("EmailMfaConfiguration"),
            )
            return {name: value for name, value in result.items() if value is not None}

        return self._answer(of_ours, operation) or super().set_user_pool_mfa_config()

    def _check_configuration(self) -> None:
        """Devices; and how users of a pool that tracks them may begin a sign-in."""
        operation, given = self._get_action(), _json_object(self.body)
        user_pool = self._pool_named(given)
        tracks = given.get("DeviceConfiguration") or (user_pool is not None and user_pool.tracks_devices)
        names = ("DeviceConfiguration", "Policies", "LambdaConfig") if tracks else ("DeviceConfiguration",)
        parsed = validation.parse(operation, json.dumps({name: given.get(name) for name in names}))
        sign_in_policy = parsed.get("Policies", {}).get("SignInPolicy", {})
        identity = {"PoolName": "x"} if operation == "CreateUserPool" else {"UserPoolId": "x_x"}
        functions = parsed.get("LambdaConfig", {})
        checked = {"Policies": {"SignInPolicy": sign_in_policy}, "LambdaConfig": functions}
        validation.validate(operation, {**identity, **checked})
        versioned = functions.get("PreTokenGenerationConfig", {}).get("LambdaArn")
        if versioned and functions.get("PreTokenGeneration", versioned) != versioned:
            raise ConflictingTriggersError

    # Sign-in
    def initiate_auth(self) -> Any:
        def operation(given: Parameters) -> Any:
            return self._get_region_agnostic_backend().initiate_auth(
                given["ClientId"],
                given["AuthFlow"],
                given.get("AuthParameters", {}),
                given.get("Session"),
                given.get("ClientMetadata"),
            )

        return self._answer(self._sign_in_of_ours, operation) or super().initiate_auth()

    def admin_initiate_auth(self) -> Any:
        def operation(given: Parameters) -> Any:
            return self.backend.admin_initiate_auth(
                given["UserPoolId"],
                given["ClientId"],
                given["AuthFlow"],
                given.get("AuthParameters", {}),
                given.get("Session"),
                given.get("ClientMetadata"),
            )

        return self._answer(self._sign_in_of_ours, operation) or super().admin_initiate_auth()

    def respond_to_auth_challenge(self) -> Any:
        return self._answer(self._sign_in_of_ours, self._respond) or super().respond_to_auth_challenge()

    def admin_respond_to_auth_challenge(self) -> Any:
        def operation(given: Parameters) -> Any:
            self.backend.client_of(given["UserPoolId"], given["ClientId"])  # moto finds the pool by the client alone
            return self._respond(given)

        return self._answer(self._sign_in_of_ours, operation) or super().admin_respond_to_auth_challenge()

    def _respond(self, given: Parameters) -> Any:
        return self._get_region_agnostic_backend().respond_to_auth_challenge(
            given.get("Session", ""),
            given["ClientId"],
            given["ChallengeName"],
            given.get("ChallengeResponses", {}),
            given.get("ClientMetadata"),
        )

    def _sign_in_of_ours(self) -> Parameters | None:
        """The parameters, all of them valid, where sign-in is ours; None where it is moto's.

        :raises ClientNotFoundError: if another member than ClientId tells that it is ours
        """
        given = _json_object(self.body)
        challenge_name, session, responses = (given.get(n) for n in ("ChallengeName", "Session", "ChallengeResponses"))
        user_pool = self._pool_of_client(given) or self._pool_named(given)
        user_pool = user_pool or self._get_region_agnostic_backend().pool_of_answer(session, responses)
        if user_pool is None:  # moto refuses it by the bare id
            log.refused(self._get_action(), ClientNotFoundError(str(given.get("ClientId"))))
            return None
        if not flows.is_ours(user_pool, challenge_name, session, responses):
            return None
        checked = self._checked()
        if checked["ClientId"] not in user_pool.clients:
            raise ClientNotFoundError(checked["ClientId"])
        return checked

    def _pool_of_client(self, given: Parameters) -> CognitoIdpUserPool | None:
        """The pool of the request's app client; None if there is no such client.

        :raises SerializationException: if there is none, and the request is not in form: moto breaks on some of those
        """
        user_pool = self._get_region_agnostic_backend().find_user_pool(str(given.get("ClientId")))
        if user_pool is None:
            validation.parse(self._get_action(), self.body)
        return user_pool

    def _pool_named(self, given: Parameters) -> CognitoIdpUserPool | None:
        """The pool of a signed request's UserPoolId."""
        if "UserPoolId" not in given:
            return None
        return self.backend.user_pools.get(str(given["UserPoolId"]))  # type: ignore[return-value]

    def confirm_sign_up(self) -> Any:
        def of_ours() -> Parameters | None:
            user_pool = self._pool_of_client(_json_object(self.body))
            return self._checked() if user_pool is not None and user_pool.manages_sign_in else None

        def operation(given: Parameters) -> Parameters:
            backend = self._get_region_agnostic_backend()
            session = backend.confirm_sign_up(given["ClientId"], given["Username"])
            return {"Session": session} if session else {}

        return self._answer(of_ours, operation) or super().confirm_sign_up()

    # Operations that moto lacks. Once it has them, pools without tracking are its own.
    def get_user_auth_factors(self) -> Any:
        def of_ours() -> Parameters | None:
            access_token = str(_json_object(self.body).get("AccessToken"))
            checks = self._get_region_agnostic_backend().checks_token(access_token)
            return self._checked() if checks or not self._motos_own() else None

        def operation(given: Parameters) -> Any:
            return self._get_region_agnostic_backend().auth_factors(given["AccessToken"])

        return self._answer(of_ours, operation) or super().get_user_auth_factors()  # type: ignore[misc]

    def get_tokens_from_refresh_token(self) -> Any:
        def operation(given: Parameters) -> Any:
            return self._get_region_agnostic_backend().refresh(
                given["ClientId"],
                given["RefreshToken"],
                given.get("ClientSecret"),
                given.get("DeviceKey"),
                given.get("ClientMetadata"),
            )

        return self._answer(self._refresh_of_ours, operation) or super().get_tokens_from_refresh_token()  # type: ignore[misc]

    def revoke_token(self) -> Any:
        def operation(given: Parameters) -> Any:
            backend = self._get_region_agnostic_backend()
            backend.revoke(given["ClientId"], given["Token"], given.get("ClientSecret"))
            return {}

        return self._answer(self._refresh_of_ours, operation) or super().revoke_token()  # type: ignore[misc]

    def _refresh_of_ours(self) -> Parameters | None:
        operation = self._get_action()
        user_pool = self._get_region_agnostic_backend().find_user_pool(str(_json_object(self.body).get("ClientId")))
        if self._motos_own() and (user_pool is None or not user_pool.manages_sign_in):
            return None
        parameters = validation.parse(operation, self.body)
        # moto's client secrets are not in the form of AWS's.
        validation.validate(operation, {**parameters, "ClientSecret": "x" * 24})
        return parameters

    def _motos_own(self) -> bool:
        """Whether moto has this request's operation itself."""
        return hasattr(moto_responses.CognitoIdpResponse, camelcase_to_underscores(self._get_action()))

    def associate_software_token(self) -> Any:
        def operation(given: Parameters) -> Any:
            return self._get_region_agnostic_backend().set_up_totp(given.get("AccessToken"), given.get("Session"))

        return self._answer(self._set_up_of_ours, operation) or super().associate_software_token()

    def verify_software_token(self) -> Any:
        def operation(given: Parameters) -> Any:
            return self._get_region_agnostic_backend().finish_totp(
                given.get("AccessToken"), given.get("Session"), given["UserCode"], given.get("FriendlyDeviceName")
            )

        return self._answer(self._set_up_of_ours, operation) or super().verify_software_token()

    def _set_up_of_ours(self) -> Parameters | None:
        given = validation.parse(self._get_action(), self.body)
        ours = self._get_region_agnostic_backend().sets_up_totp(given.get("AccessToken"), given.get("Session"))
        return self._checked() if ours else None

    # What moto does with an access token, once it has passed the door that all of them go through
    def get_user(self) -> Any:
        def of_ours() -> tuple[CognitoIdpUserPool, CognitoIdpUser] | None:
            signed_in = self._authorized()
            if signed_in is None:
                return None
            # moto knows no MFA by e-mail, and refuses whoever has a temporary password, also with a good token.
            _, user = signed_in
            return signed_in if _has_email_mfa(*signed_in) or user.status != UserStatus.CONFIRMED else None

        return self._answer(of_ours, self._shown_user) or super().get_user()

    def admin_get_user(self) -> Any:
        def of_ours() -> tuple[CognitoIdpUserPool, CognitoIdpUser] | None:
            given = _json_object(self.body)
            user_pool = self._pool_named(given)
            if user_pool is None or not user_pool.manages_sign_in or not user_pool.state.email_mfa:
                return None
            user = user_pool.backend.admin_get_user(user_pool.id, str(given.get("Username")))
            return (user_pool, user) if _has_email_mfa(user_pool, user) else None

        return self._answer(of_ours, self._shown_user) or super().admin_get_user()

    def _shown_user(self, found: tuple[CognitoIdpUserPool, CognitoIdpUser]) -> Parameters:
        user_pool, user = found
        shown = user.to_json(extended=True, attributes_key="UserAttributes")
        shown |= mfa.shown(user_pool, user)
        members = get_service_model("cognito-idp").operation_model(self._get_action()).output_shape.members
        return {
            name: round(unix_time(value), 3) if isinstance(value, datetime) else value  # a number before moto 5.1.12
            for name, value in shown.items()
            if name in members
        }

    def change_password(self) -> Any:
        return self._answer(self._check_token) or super().change_password()

    def set_user_mfa_preference(self) -> Any:
        def of_ours() -> Preference | None:
            signed_in = self._authorized()
            if signed_in is None:
                return None
            user_pool, user = signed_in
            return self._preference(user_pool, user.username, user, SoftwareTokenNotSetUpError)

        return self._answer(of_ours, _set_preference) or super().set_user_mfa_preference()

    def admin_set_user_mfa_preference(self) -> Any:
        def of_ours() -> Preference | None:
            given = _json_object(self.body)
            user_pool = self._pool_named(given)
            if user_pool is None or not user_pool.manages_sign_in:
                return None
            username = str(given.get("Username"))
            return self._preference(user_pool, username, user_pool.find_user(username), AdminSoftwareTokenNotSetUpError)

        return self._answer(of_ours, _set_preference) or super().admin_set_user_mfa_preference()

    def _preference(
        self, user_pool: CognitoIdpUserPool, username: str, user: CognitoIdpUser | None, error: type[JsonRESTError]
    ) -> Preference | None:
        """Whose preference it is, and the parameters, if EmailMfaSettings are among them: moto drops those.

        :param error: what is raised if TOTP is to be enabled, and is not set up
        """
        given = _json_object(self.body)
        checked = self._checked() if given.get("EmailMfaSettings") is not None else None
        wanted = given.get("SoftwareTokenMfaSettings")
        enabled = isinstance(wanted, dict) and wanted.get("Enabled")
        if user is not None and enabled and not user.token_verified:
            raise error
        return None if checked is None else (user_pool, username, checked)

    def update_user_attributes(self) -> Any:
        return self._answer(self._check_token) or super().update_user_attributes()

    def _check_token(self) -> None:
        """What comes after is moto's affair."""
        self._authorized()

    def _authorized(self) -> tuple[CognitoIdpUserPool, CognitoIdpUser] | None:
        """The pool and user of the request's token; None where it is moto's affair."""
        access_token = _json_object(self.body).get("AccessToken")
        if isinstance(access_token, str) and self._get_region_agnostic_backend().checks_token(access_token):
            return access_tokens.authorize(access_token)
        return None

    def global_sign_out(self) -> Any:
        # Unsigned: in moto's server its region is lost, and moto looks for the token in us-east-1 only.
        access_token = str(_json_object(self.body).get("AccessToken"))
        user_pool = access_tokens.minted_by(access_token)
        if user_pool is not None:
            self.current_account, self.region = user_pool.account_id, user_pool.region
        return self._answer(self._check_token) or super().global_sign_out()

    # Devices
    def confirm_device(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            necessary = self._get_region_agnostic_backend().confirm_device(
                given["AccessToken"],
                given["DeviceKey"],
                given.get("DeviceName"),
                given.get("DeviceSecretVerifierConfig"),
            )
            return {"UserConfirmationNecessary": necessary}

        return self._answer(self._checked, operation)

    def get_device(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            device = self._get_region_agnostic_backend().get_device(given["AccessToken"], given["DeviceKey"])
            return {"Device": device.to_json()}

        return self._answer(lambda: self._checked("AccessToken"), operation)

    def list_devices(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            page = self._get_region_agnostic_backend().list_devices(
                given["AccessToken"], given.get("Limit"), given.get("PaginationToken")
            )
            return _page(page, listed_to_user=True)

        return self._answer(self._checked, operation)

    def update_device_status(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            self._get_region_agnostic_backend().update_device_status(
                given["AccessToken"], given["DeviceKey"], given.get("DeviceRememberedStatus")
            )
            return {}

        return self._answer(self._checked, operation)

    def forget_device(self) -> Any:
        def operation(given: Parameters) -> None:
            self._get_region_agnostic_backend().forget_device(given["AccessToken"], given["DeviceKey"])

        return self._answer(lambda: self._checked("AccessToken"), operation)

    def admin_get_device(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            device = self.backend.admin_get_device(given["UserPoolId"], given["Username"], given["DeviceKey"])
            return {"Device": device.to_json()}

        return self._answer(self._checked, operation)

    def admin_list_devices(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            page = self.backend.admin_list_devices(
                given["UserPoolId"], given["Username"], given.get("Limit"), given.get("PaginationToken")
            )
            return _page(page, listed_to_user=False)

        return self._answer(self._checked, operation)

    def admin_update_device_status(self) -> Any:
        def operation(given: Parameters) -> Parameters:
            self.backend.admin_update_device_status(
                given["UserPoolId"], given["Username"], given["DeviceKey"], given.get("DeviceRememberedStatus")
            )
            return {}

        return self._answer(self._checked, operation)

    def admin_forget_device(self) -> Any:
        def operation(given: Parameters) -> None:
            self.backend.admin_forget_device(given["UserPoolId"], given["Username"], given["DeviceKey"])

        return self._answer(self._checked, operation)


def _refused(error: JsonRESTError) -> TYPE_RESPONSE:
    """An error as AWS sends it (aws-sdk-ios #2354, aws-sdk-cpp #1789)."""
    message = str(error.message)
    headers = {
        "status": error.code,
        "Content-Type": _CONTENT_TYPE,
        "x-amzn-ErrorType": f"{error.error_type}:",
        # A header holds no more than this; the body has the whole text.
        "x-amzn-ErrorMessage": "".join(c if " " <= c <= "~" else "?" for c in message)[:1024],
    }
    return error.code, headers, json.dumps({"__type": error.error_type, "message": message}, separators=(",", ":"))


def _has_email_mfa(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> bool:
    return user.id in user_pool.state.email_mfa


def _set_preference(preference: Preference) -> Parameters:
    user_pool, username, given = preference
    settings = (given.get(name) for name in ("SoftwareTokenMfaSettings", "SMSMfaSettings", "EmailMfaSettings"))
    backend: Any = user_pool.backend
    backend.admin_set_user_mfa_preference(user_pool.id, username, *settings)
    return {}


def _page(page: tuple[list[Any], str | None], listed_to_user: bool) -> dict[str, Any]:
    devices, pagination_token = page
    result: dict[str, Any] = {"Devices": [device.to_json(listed_to_user) for device in devices]}
    if pagination_token is not None:
        result["PaginationToken"] = pagination_token
    return result


def _json_object(body: str | bytes | None) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
