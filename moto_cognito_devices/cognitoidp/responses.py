"""The device operations of Cognito, and the checks that moto lacks on those that it has. Unpacks and packs only."""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import Any

from moto.cognitoidp import responses as moto_responses
from moto.core.common_types import TYPE_RESPONSE
from moto.core.utils import camelcase_to_underscores, get_service_model

from . import caller, sign_ins, validation
from .exceptions import MissingParameterError, SerializationException
from .models import CognitoIdpBackend, RegionAgnosticBackend, backend_of


class _KnownByOperations(type):
    """``dir()`` of the class is its operations: moto goes through all of it in each request, to find one method."""

    def __dir__(cls) -> list[str]:
        operations = _operation_methods()
        return list({name for base in cls.__mro__ for name in vars(base) if name in operations})


@cache
def _operation_methods() -> frozenset[str]:
    return frozenset(camelcase_to_underscores(name) for name in get_service_model("cognito-idp").operation_names)


class RefreshOperations:
    """Two operations that clients of devices call, and moto lacks. Once moto has them, its own go first."""

    body: Any

    def _get_region_agnostic_backend(self) -> RegionAgnosticBackend:
        raise NotImplementedError

    def get_tokens_from_refresh_token(self) -> TYPE_RESPONSE:
        parameters = self._with_client_secret("GetTokensFromRefreshToken")
        return _ok(
            self._get_region_agnostic_backend().get_tokens_from_refresh_token(
                parameters["ClientId"],
                parameters["RefreshToken"],
                parameters.get("ClientSecret"),
                parameters.get("DeviceKey"),
            )
        )

    def revoke_token(self) -> TYPE_RESPONSE:
        parameters = self._with_client_secret("RevokeToken")
        self._get_region_agnostic_backend().revoke_token(
            parameters["ClientId"], parameters["Token"], parameters.get("ClientSecret")
        )
        return _ok({})

    def _with_client_secret(self, operation: str) -> dict[str, Any]:
        parameters = validation.parse(operation, self.body)
        # moto's client secrets are not in the form of AWS's.
        validation.validate(operation, {**parameters, "ClientSecret": "x" * 24})
        return parameters


class CognitoIdpResponse(moto_responses.CognitoIdpResponse, RefreshOperations, metaclass=_KnownByOperations):
    """Results go out as JSON that is made here, and not as moto's ActionResult: moto before 5.1.12 would cut the
    dates to seconds."""

    def _dispatch(self, request: Any, *args: Any, **kwargs: Any) -> TYPE_RESPONSE:
        try:
            with caller.serving(request):
                return super()._dispatch(request, *args, **kwargs)
        except (UnicodeDecodeError, EOFError, OSError, zlib.error):  # no UTF-8, or broken gzip
            error = SerializationException("The request body can not be decoded.")
            return error.code, dict(error.get_headers()), str(error.description)

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

    def _checked(self, *needed: str) -> dict[str, Any]:
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

    # User pool
    def create_user_pool(self) -> Any:
        self._check_device_configuration()
        return super().create_user_pool()

    def update_user_pool(self) -> Any:
        self._check_device_configuration()
        return super().update_user_pool()

    def set_user_pool_mfa_config(self) -> Any:
        given = _json_object(self.body)
        user_pool: Any = self.backend.user_pools.get(str(given.get("UserPoolId")))
        if given.get("MfaConfiguration") is None and user_pool is not None and user_pool.tracks_devices:
            parameters = self._checked()  # it replaces the whole: what is not given is off
            result = self.backend.set_user_pool_mfa_config(
                user_pool.id,
                parameters.get("SmsMfaConfiguration"),  # type: ignore[arg-type]
                parameters.get("SoftwareTokenMfaConfiguration"),  # type: ignore[arg-type]
                "OFF",
            )
            return _ok({name: value for name, value in result.items() if value is not None})
        return super().set_user_pool_mfa_config()

    def _check_device_configuration(self) -> None:
        given = _json_object(self.body).get("DeviceConfiguration")
        if given is not None:
            validation.parse(self._get_action(), json.dumps({"DeviceConfiguration": given}))

    # Sign-in
    def initiate_auth(self) -> Any:
        given = self._sign_in_of_ours()
        if given is None:
            return super().initiate_auth()
        return _ok(
            self._get_region_agnostic_backend().initiate_auth(
                given["ClientId"], given["AuthFlow"], given.get("AuthParameters", {})
            )
        )

    def admin_initiate_auth(self) -> Any:
        given = self._sign_in_of_ours()
        if given is None:
            return super().admin_initiate_auth()
        return _ok(
            self.backend.admin_initiate_auth(
                given["UserPoolId"], given["ClientId"], given["AuthFlow"], given.get("AuthParameters", {})
            )
        )

    def respond_to_auth_challenge(self) -> Any:
        given = self._sign_in_of_ours()
        return super().respond_to_auth_challenge() if given is None else self._respond(given)

    def admin_respond_to_auth_challenge(self) -> Any:
        given = self._sign_in_of_ours()
        return super().admin_respond_to_auth_challenge() if given is None else self._respond(given)

    def _respond(self, given: dict[str, Any]) -> TYPE_RESPONSE:
        return _ok(
            self._get_region_agnostic_backend().respond_to_auth_challenge(
                given.get("Session", ""),
                given["ClientId"],
                given["ChallengeName"],
                given.get("ChallengeResponses", {}),
            )
        )

    def _sign_in_of_ours(self) -> dict[str, Any] | None:
        """The parameters, all of them valid, where sign-in is ours; None where it is moto's."""
        given = _json_object(self.body)
        user_pool = self._get_region_agnostic_backend().find_user_pool(str(given.get("ClientId")))
        if user_pool is None:  # moto breaks on what nobody has looked at
            validation.parse(self._get_action(), self.body)
            return None
        step = (given.get(name) for name in ("ChallengeName", "Session", "ChallengeResponses"))
        return self._checked() if sign_ins.is_ours(user_pool, *step) else None

    def associate_software_token(self) -> Any:
        given = self._set_up_of_ours()
        if given is None:
            return super().associate_software_token()
        return _ok(self._get_region_agnostic_backend().set_up_totp(given.get("AccessToken"), given.get("Session")))

    def verify_software_token(self) -> Any:
        given = self._set_up_of_ours()
        if given is None:
            return super().verify_software_token()
        result = self._get_region_agnostic_backend().finish_totp(
            given.get("AccessToken"), given.get("Session"), given["UserCode"], given.get("FriendlyDeviceName")
        )
        return _ok(result)

    def _set_up_of_ours(self) -> dict[str, Any] | None:
        given = validation.parse(self._get_action(), self.body)
        ours = self._get_region_agnostic_backend().sets_up_totp(given.get("AccessToken"), given.get("Session"))
        return self._checked() if ours else None

    def global_sign_out(self) -> Any:
        # Unsigned: in moto's server its region is lost, and moto looks for the token in us-east-1 only.
        access_token = str(_json_object(self.body).get("AccessToken"))
        user_pool = self._get_region_agnostic_backend().find_user_pool_of_token(access_token)
        if user_pool is not None:
            self.current_account, self.region = user_pool.account_id, user_pool.region
        return super().global_sign_out()

    # Devices
    def confirm_device(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        necessary = self._get_region_agnostic_backend().confirm_device(
            parameters["AccessToken"],
            parameters["DeviceKey"],
            parameters.get("DeviceName"),
            parameters.get("DeviceSecretVerifierConfig"),
        )
        return _ok({"UserConfirmationNecessary": necessary})

    def get_device(self) -> TYPE_RESPONSE:
        parameters = self._checked("AccessToken")
        device = self._get_region_agnostic_backend().get_device(parameters["AccessToken"], parameters["DeviceKey"])
        return _ok({"Device": device.to_json()})

    def list_devices(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        page = self._get_region_agnostic_backend().list_devices(
            parameters["AccessToken"], parameters.get("Limit"), parameters.get("PaginationToken")
        )
        return _ok(_page(page, listed_to_user=True))

    def update_device_status(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        self._get_region_agnostic_backend().update_device_status(
            parameters["AccessToken"], parameters["DeviceKey"], parameters.get("DeviceRememberedStatus")
        )
        return _ok({})

    def forget_device(self) -> TYPE_RESPONSE:
        parameters = self._checked("AccessToken")
        self._get_region_agnostic_backend().forget_device(parameters["AccessToken"], parameters["DeviceKey"])
        return _ok(None)

    def admin_get_device(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        device = self.backend.admin_get_device(
            parameters["UserPoolId"], parameters["Username"], parameters["DeviceKey"]
        )
        return _ok({"Device": device.to_json()})

    def admin_list_devices(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        page = self.backend.admin_list_devices(
            parameters["UserPoolId"],
            parameters["Username"],
            parameters.get("Limit"),
            parameters.get("PaginationToken"),
        )
        return _ok(_page(page, listed_to_user=False))

    def admin_update_device_status(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        self.backend.admin_update_device_status(
            parameters["UserPoolId"],
            parameters["Username"],
            parameters["DeviceKey"],
            parameters.get("DeviceRememberedStatus"),
        )
        return _ok({})

    def admin_forget_device(self) -> TYPE_RESPONSE:
        parameters = self._checked()
        self.backend.admin_forget_device(parameters["UserPoolId"], parameters["Username"], parameters["DeviceKey"])
        return _ok(None)


def _ok(result: dict[str, Any] | None) -> TYPE_RESPONSE:
    body = "" if result is None else json.dumps(result)
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, body


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
