"""Sign-in. moto checks the factors; what a device makes of the outcome is decided by the table in ``..sign_in``.

A pool without tracking is moto's own affair, but for the name that ``USER_ID_FOR_SRP`` carries, and for the user's
SRP proof where the switch says "always".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .. import settings
from ..sign_in import Step, due_next, next_step
from .challenges import Challenge
from .device_srp import DeviceSrp
from .devices import lock
from .exceptions import DeviceNotFoundError, UserDisabledError, WrongProofError
from .parameters import Parameters, check_secret_hash, in_name_of, present, required, same_text
from .refresh import Refresh
from .sessions import Result
from .user_srp import UserSrp, with_canonical_name

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool

_REFRESH = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")


class Authentication(UserSrp, DeviceSrp, Refresh):
    """The sign-in operations of the backend."""

    def initiate_auth(self, client_id: str, auth_flow: str, auth_parameters: Parameters) -> Result:
        user_pool, client = self._pool_and_client(client_id)

        def moto(parameters: Parameters) -> Result:
            return super(Authentication, self).initiate_auth(client_id, auth_flow, parameters)

        if user_pool is None or client is None or not user_pool.takes_part(auth_flow):
            return with_canonical_name(moto(auth_parameters))
        with lock:
            return self._initiate(user_pool, client, auth_flow, auth_parameters, moto)

    def admin_initiate_auth(
        self, user_pool_id: str, client_id: str, auth_flow: str, auth_parameters: Parameters
    ) -> Result:
        user_pool: CognitoIdpUserPool | None = self.user_pools.get(user_pool_id)  # type: ignore[assignment]
        client = user_pool.clients.get(client_id) if user_pool else None

        def moto(parameters: Parameters) -> Result:
            return super(Authentication, self).admin_initiate_auth(user_pool_id, client_id, auth_flow, parameters)

        if user_pool is None or client is None or not user_pool.takes_part(auth_flow):
            return moto(auth_parameters)
        with lock:
            return self._initiate(user_pool, client, auth_flow, auth_parameters, moto)

    def _initiate(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        auth_flow: str,
        auth_parameters: Parameters,
        moto: Callable[[Parameters], Result],
    ) -> Result:
        self._drop_expired(user_pool)
        parameters = present(auth_parameters)
        if auth_flow in _REFRESH:
            token = required(parameters, "REFRESH_TOKEN")
            user, issued_to = self._refreshing_user(user_pool, client, token, parameters.get("DEVICE_KEY"))
            check_secret_hash(client, parameters, user.username, issued_to)
            return moto(in_name_of(issued_to, client, parameters))
        username = required(parameters, "USERNAME")
        check_secret_hash(client, parameters)
        if auth_flow == "USER_SRP_AUTH":
            return self._challenge_user(user_pool, client, username, parameters)
        user = self.admin_get_user(user_pool.id, username)
        if not user.enabled:
            raise UserDisabledError
        if "PASSWORD" in auth_flow or auth_flow == "ADMIN_NO_SRP_AUTH":
            password = required(parameters, "PASSWORD")
            if user.password is None or not same_text(password, user.password):
                raise WrongProofError
        result = moto(in_name_of(user.username, client, parameters))
        if result is None:  # CUSTOM_AUTH, which moto doesn't do
            return result
        if "AuthenticationResult" in result:
            self._drop_unused_session(user_pool)
        return self._after_factor(user_pool, client, user, parameters, result)

    # Answers
    def respond_to_auth_challenge(
        self, session: str, client_id: str, challenge_name: str, challenge_responses: Parameters
    ) -> Result:
        user_pool, client = self._pool_and_client(client_id)
        if user_pool is None or client is None or not user_pool.takes_part(challenge_name):
            # Without any, moto breaks; it looks at the session first of all.
            return super().respond_to_auth_challenge(session, client_id, challenge_name, challenge_responses or {})
        with lock:
            self._drop_expired(user_pool)
            responses = present(challenge_responses)
            if challenge_name != "MFA_SETUP" or client.generate_secret:
                required(responses, "USERNAME")
            check_secret_hash(client, responses)
            if challenge_name == "DEVICE_SRP_AUTH":
                return self._challenge_device(user_pool, client, session, responses)
            if challenge_name == "DEVICE_PASSWORD_VERIFIER":
                return self._check_device_proof(user_pool, client, session, responses)
            handle = session
            if challenge_name == "PASSWORD_VERIFIER":
                handle = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
            if challenge_name == "PASSWORD_VERIFIER" and user_pool.verifies_user_srp:
                challenge, user = self._check_user_proof(user_pool, client, session, responses)
            else:
                challenge, user = self._open_challenge(user_pool, client, handle, challenge_name, responses)
            return self._pass_on(user_pool, client, handle, challenge, user, responses)

    def _pass_on(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        handle: str,
        challenge: Challenge,
        user: CognitoIdpUser,
        responses: Parameters,
    ) -> Result:
        """Hand an answer to moto, which checks what has not been checked yet, and knows what is due next."""
        answer = in_name_of(user.username, client, responses)
        session = challenge.moto_session or handle
        if challenge.name == "PASSWORD_VERIFIER":
            answer["PASSWORD_CLAIM_SECRET_BLOCK"] = session
        with self._undone_on_error(user_pool, handle, challenge, user):
            user_pool.challenges.spend(handle, challenge.name)
            result = super().respond_to_auth_challenge(session, client.id, challenge.name, answer)
            if "AuthenticationResult" in result:
                self.sessions.pop(session, None)  # moto leaves that of MFA_SETUP
            return self._after_factor(user_pool, client, user, responses, result, challenge)

    def _after_factor(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        user: CognitoIdpUser,
        parameters: Parameters,
        result: Result,
        answered: Challenge | None = None,
    ) -> Result:
        """What follows a factor that moto accepted with this result.

        :param answered: the challenge whose answer it was
        :raises DeviceNotFoundError: for the caller to undo what moto did
        """
        configuration = user_pool.device_configuration
        if configuration is None:
            return result
        device_key = parameters.get("DEVICE_KEY", "")
        due = due_next(result.get("ChallengeName"), configuration["ChallengeRequiredOnNewDevice"])
        step = next_step(user_pool.device_state(user, device_key), due)
        if step is Step.REFUSE:
            user_pool.discard_tokens(result)
            self.sessions.pop(result.get("Session", ""), None)
            raise DeviceNotFoundError
        if step is Step.PASS_ON:
            session = result["Session"]
            user_pool.challenges.add(session, self._challenge(result["ChallengeName"], client, user, session))
            result["ChallengeParameters"] = _challenge_parameters(result, user)
            return result
        if step is Step.PROVE:
            answered_session = answered.moto_session if answered else None
            return self._ask_for_device(user_pool, client, user, device_key, result, answered_session)
        if step is Step.NEW_DEVICE:
            # The trap of https://github.com/aws-amplify/amplify-js/issues/4047, which clients are to meet here too.
            by_alias = answered is not None and parameters.get("USERNAME", user.username) != user.username
            metadata = user_pool.new_device(user, confirmable=not (by_alias and settings.alias_breaks_confirm()))
            result["AuthenticationResult"]["NewDeviceMetadata"] = metadata
            device_key = metadata["DeviceKey"]
        return self._signed_in(user_pool, user, device_key, result)


def _challenge_parameters(result: Result, user: CognitoIdpUser) -> Parameters:
    """moto's, and what clients can't do without: amazon-cognito-identity-js reads the attributes, Amplify the list."""
    parameters = {**result.get("ChallengeParameters", {}), "USERNAME": user.username}
    if "MFAS_CAN_SETUP" in parameters:
        parameters["MFAS_CAN_SETUP"] = json.dumps(parameters["MFAS_CAN_SETUP"])
    if result["ChallengeName"] == "NEW_PASSWORD_REQUIRED":
        attributes = {name: value for name, value in user.attribute_lookup.items() if name != "sub"}
        parameters.update(userAttributes=json.dumps(attributes), requiredAttributes="[]")
    return parameters
