"""The sessions of sign-ins: moto's, bound to their user, client and challenge where devices are tracked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .challenges import Challenge
from .exceptions import ExpiredSessionError, InvalidSessionError, MissingParameterError
from .parameters import Parameters

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool

Result = dict[str, Any]


class Sessions(moto_models.CognitoIdpBackend):
    """What every part of sign-in needs."""

    def verify_software_token(self, access_token: str, session: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        result = super().verify_software_token(access_token, session, *args, **kwargs)
        # moto hands on the sign-in to a new session.
        _, user_pool = self.sessions.get(session, (None, None))
        challenge = user_pool.challenges.spend(session, "MFA_SETUP") if user_pool else None  # type: ignore[attr-defined]
        if user_pool and challenge and result.get("Session"):
            self.sessions.pop(session)
            challenge.moto_session = result["Session"]
            user_pool.challenges.add(result["Session"], challenge)  # type: ignore[attr-defined]
        return result

    def _pool_and_client(
        self, client_id: str
    ) -> tuple[CognitoIdpUserPool, CognitoIdpUserPoolClient] | tuple[None, None]:
        for user_pool in list(self.user_pools.values()):
            client = user_pool.clients.get(client_id)
            if client is not None:
                return user_pool, client  # type: ignore[return-value]
        return None, None

    def _challenge(
        self, name: str, client: CognitoIdpUserPoolClient, user: CognitoIdpUser | None, moto_session: str | None
    ) -> Challenge:
        minutes = client.extended_config.get("AuthSessionValidity") or 3
        username, user_id = (user.username, user.id) if user else ("", None)
        return Challenge(name, client.id, username, user_id, time.time() + 60 * minutes, moto_session)

    def _drop_expired(self, user_pool: CognitoIdpUserPool) -> None:
        for session in user_pool.challenges.drop_expired():
            self.sessions.pop(session, None)

    def _drop_unused_session(self, user_pool: CognitoIdpUserPool) -> None:
        """moto leaves a session behind when USER_PASSWORD_AUTH gives tokens; nobody can answer it, so it goes."""
        try:
            session, entry = next(reversed(self.sessions.items()))
        except (StopIteration, RuntimeError):  # there is none, or a pool without tracking adds one just now
            return
        if any(part is user_pool for part in entry) and user_pool.challenges.get(session) is None:
            self.sessions.pop(session, None)

    @contextmanager
    def _undone_on_error(
        self, user_pool: CognitoIdpUserPool, handle: str, challenge: Challenge, user: CognitoIdpUser
    ) -> Iterator[None]:
        """A refused answer changes nothing: the challenge can be answered again."""
        session = challenge.moto_session
        moto_session = self.sessions.get(session) if session else None
        password, status = user.password, user.status
        try:
            yield
        except BaseException:
            user.password, user.status = password, status
            if session and moto_session:
                self.sessions[session] = moto_session
            user_pool.challenges.add(handle, challenge)
            raise

    def _open_challenge(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        session: str,
        challenge_name: str,
        responses: Parameters,
    ) -> tuple[Challenge, CognitoIdpUser]:
        """The challenge that an answer is for: of this client and user, and of this kind.

        moto binds a session to nothing, so that one that awaits an MFA code could be answered with another user's
        name, or as if it awaited a new password.
        """
        if not session:
            raise MissingParameterError("Session")
        challenge = user_pool.challenges.get(session)
        user = user_pool.user_of(challenge) if challenge else None
        if challenge is None or user is None or not challenge.is_for(challenge_name, client.id, user.id):
            raise InvalidSessionError
        if challenge.expired:
            raise ExpiredSessionError
        if "USERNAME" in responses and user_pool._get_user(responses["USERNAME"]) is not user:
            raise InvalidSessionError
        set_up = user.token_verified or user.sms_mfa_enabled
        if challenge_name == "MFA_SETUP" and user_pool.token_mfa_config == {"Enabled": True} and not set_up:
            raise InvalidParameterException("User has not verified software token mfa")
        return challenge, user

    def _signed_in(
        self, user_pool: CognitoIdpUserPool, user: CognitoIdpUser, device_key: str, result: Result
    ) -> Result:
        result.setdefault("ChallengeParameters", {})
        user_pool.bind_tokens(result, user, device_key)
        return result
