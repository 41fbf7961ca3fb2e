"""Cognito's errors around devices: each type and text once. Moto's own serve where it has them."""

from __future__ import annotations

from moto.cognitoidp.exceptions import (
    InvalidParameterException,
    NotAuthorizedError,
    ResourceNotFoundError,
    UserNotConfirmedException,
    UserNotFoundError,
)
from moto.core.exceptions import JsonRESTError


class SerializationException(JsonRESTError):
    """The body is no JSON, or a member has another JSON type than the service model gives it."""

    def __init__(self, message: str):
        super().__init__("SerializationException", message)


class ValidationError(InvalidParameterException):
    """Members that break a constraint of the service model, all in one message."""

    def __init__(self, failures: list[str]):
        errors = "error" if len(failures) == 1 else "errors"
        super().__init__(f"{len(failures)} validation {errors} detected: {'; '.join(failures)}")


class MissingParameterError(InvalidParameterException):
    def __init__(self, name: str):
        super().__init__(f"Missing required parameter {name}")


# Devices
class DeviceNotFoundError(ResourceNotFoundError):
    """Clients match this text with its full stop (amplify-js, ``retryOnResourceNotFoundException``)."""

    def __init__(self) -> None:
        super().__init__("Device does not exist.")


class InvalidDeviceKeyError(InvalidParameterException):
    def __init__(self) -> None:
        super().__init__("Invalid device key given.")


class DeviceKeyExistsException(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("DeviceKeyExistsException", "Device key already exists.")


class InvalidPaginationTokenError(InvalidParameterException):
    def __init__(self) -> None:
        super().__init__("Invalid pagination token provided.")


# Tokens and users
class InvalidAccessTokenError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Invalid Access Token")


class ExpiredAccessTokenError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Access Token has expired")


class RevokedAccessTokenError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Access Token has been revoked")


class MissingScopeError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Access Token does not have required scopes")


class InvalidRefreshTokenError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Invalid Refresh Token.")


class RevokedRefreshTokenError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Refresh Token has been revoked")


class RefreshTokenReuseException(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("RefreshTokenReuseException", "Refresh token has been rotated")


class UnsupportedTokenTypeException(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")


class UnauthorizedException(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("UnauthorizedException", "The token was issued to another client")


class RevocationDisabledError(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("UnsupportedOperationException", "Token revocation is not enabled for this client")


class UserDoesNotExistError(UserNotFoundError):
    def __init__(self) -> None:
        super().__init__("User does not exist.")


class UserDisabledError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("User is disabled.")


class UserIsNotConfirmedError(UserNotConfirmedException):
    def __init__(self) -> None:
        super().__init__("User is not confirmed.")


class PasswordResetRequiredException(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("PasswordResetRequiredException", "Password reset required for the user")


# Sign-in
class WrongProofError(NotAuthorizedError):
    """One text for a wrong password, device secret, secret block, signature and user: it tells nothing apart."""

    def __init__(self) -> None:
        super().__init__("Incorrect username or password.")


class InvalidSessionError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Invalid session for the user.")


class ExpiredSessionError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Invalid session for the user, session is expired.")


class FirstFactorMissingError(NotAuthorizedError):
    def __init__(self) -> None:
        super().__init__("Cannot initiate DEVICE_SRP_AUTH flow without first authenticating")


class SecretHashMissingError(NotAuthorizedError):
    def __init__(self, client_id: str):
        super().__init__(f"Client {client_id} is configured with secret but SECRET_HASH was not received")


class ClientSecretMissingError(NotAuthorizedError):
    def __init__(self, client_id: str):
        super().__init__(f"Client {client_id} is configured with secret but secret was not received")


class WrongSecretHashError(NotAuthorizedError):
    def __init__(self, client_id: str):
        super().__init__(f"Unable to verify secret hash for client {client_id}")


class TimestampFormatError(InvalidParameterException):
    def __init__(self) -> None:
        super().__init__("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
