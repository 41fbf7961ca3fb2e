"""Cognito's errors around devices: each type and text once. Moto's own serve where it has them.

Where one text has several causes, ``hint`` says which it was and what to do about it, in a sentence for the log: on the
wire AWS's text stands alone. No secret is in it.
"""

from __future__ import annotations

from moto.cognitoidp.exceptions import (
    InvalidParameterException,
    NotAuthorizedError,
    ResourceNotFoundError,
    UserNotConfirmedException,
    UserNotFoundError,
)
from moto.core.exceptions import JsonRESTError

from ..sign_in_rules import UserState


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

    def __init__(self, hint: str):
        super().__init__("Device does not exist.")
        self.hint = hint


class InvalidDeviceKeyError(InvalidParameterException):
    def __init__(self, hint: str):
        super().__init__("Invalid device key given.")
        self.hint = hint


class DeviceKeyExistsException(JsonRESTError):
    hint = "A device is confirmed once: keep its password, or sign in without DEVICE_KEY for a new device."

    def __init__(self) -> None:
        super().__init__("DeviceKeyExistsException", "Device key already exists.")


class InjectedError(JsonRESTError):
    """Any error, where a test author wants it."""

    hint = "testing.fail_next asked for it, or POST /moto-api/static/cognito-idp/errors."


class DeviceTrackingDisabledError(InvalidParameterException):
    """Of the test author's own API: on AWS nobody adds a device from outside."""

    def __init__(self, user_pool_id: str):
        super().__init__(
            f"User pool {user_pool_id} tracks no devices: give it a DeviceConfiguration (CreateUserPool, "
            'UpdateUserPool), for instance {"ChallengeRequiredOnNewDevice": true}.'
        )


class InvalidPaginationTokenError(InvalidParameterException):
    hint = "Give the PaginationToken that this operation answered with last, for the same user."

    def __init__(self) -> None:
        super().__init__("Invalid pagination token provided.")


# Tokens and users
class ClientNotFoundError(ResourceNotFoundError):
    """aws-sdk-php #2183 has the text."""

    def __init__(self, client_id: str):
        super().__init__(f"User pool client {client_id} does not exist.")
        self.hint = "It was deleted, or moto was reset, or its server started again, since it was made."


class InvalidAccessTokenError(NotAuthorizedError):
    def __init__(self, hint: str):
        super().__init__("Invalid Access Token")
        self.hint = hint


class ExpiredAccessTokenError(NotAuthorizedError):
    hint = "Refresh it, or sign in again. AccessTokenValidity of the app client says how long it is good."

    def __init__(self) -> None:
        super().__init__("Access Token has expired")


class RevokedAccessTokenError(NotAuthorizedError):
    hint = "Its user was signed out everywhere, or its refresh token was revoked: sign in again."

    def __init__(self) -> None:
        super().__init__("Access Token has been revoked")


class MissingScopeError(NotAuthorizedError):
    hint = "It needs aws.cognito.signin.user.admin, which a PreTokenGeneration trigger can take away."

    def __init__(self) -> None:
        super().__init__("Access Token does not have required scopes")


class InvalidRefreshTokenError(NotAuthorizedError):
    def __init__(self, hint: str):
        super().__init__("Invalid Refresh Token.")
        self.hint = hint


class RevokedRefreshTokenError(NotAuthorizedError):
    hint = "RevokeToken or a sign-out everywhere did it: sign in again."

    def __init__(self) -> None:
        super().__init__("Refresh Token has been revoked")


class ExpiredRefreshTokenError(NotAuthorizedError):
    hint = "Sign in again. RefreshTokenValidity of the app client says how long it is good."

    def __init__(self) -> None:
        super().__init__("Refresh Token has expired")


class RefreshTokenReuseException(JsonRESTError):
    hint = "Each refresh gives another RefreshToken, as RefreshTokenRotation of the app client says: use the last."

    def __init__(self) -> None:
        super().__init__("RefreshTokenReuseException", "Refresh token has been rotated")


class UnsupportedTokenTypeException(JsonRESTError):
    hint = "Give the RefreshToken."

    def __init__(self) -> None:
        super().__init__("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")


class UnauthorizedException(JsonRESTError):
    hint = "Give the ClientId of the app client that its user signed in to."

    def __init__(self) -> None:
        super().__init__("UnauthorizedException", "The token was issued to another client")


class RevocationDisabledError(JsonRESTError):
    hint = "Switch EnableTokenRevocation of the app client on."

    def __init__(self) -> None:
        super().__init__("UnsupportedOperationException", "Token revocation is not enabled for this client")


class UserDoesNotExistError(UserNotFoundError):
    def __init__(self, hint: str = "") -> None:
        super().__init__("User does not exist.")
        self.hint = hint


class UserDisabledError(NotAuthorizedError):
    hint = "AdminEnableUser enables the user again."

    def __init__(self) -> None:
        super().__init__("User is disabled.")


class UserIsNotConfirmedError(UserNotConfirmedException):
    hint = "Call AdminConfirmSignUp; or ConfirmSignUp, where moto takes any code."

    def __init__(self) -> None:
        super().__init__("User is not confirmed.")


class PasswordResetRequiredException(JsonRESTError):
    hint = "AdminResetUserPassword was called: ConfirmForgotPassword or AdminSetUserPassword ends it."

    def __init__(self) -> None:
        super().__init__("PasswordResetRequiredException", "Password reset required for the user")


class ExpiredPasswordError(NotAuthorizedError):
    hint = "AdminSetUserPassword gives another. TemporaryPasswordValidityDays of the pool says how long one is good."

    def __init__(self) -> None:
        super().__init__("Temporary password has expired and must be reset by an administrator.")


#: By the state of a user who is refused for it.
STATUS_ERRORS: dict[UserState, type[JsonRESTError]] = {
    UserState.EXPIRED_PASSWORD: ExpiredPasswordError,
    UserState.RESET_REQUIRED: PasswordResetRequiredException,
    UserState.UNCONFIRMED: UserIsNotConfirmedError,
    UserState.DISABLED: UserDisabledError,
}


class MfaCannotBeTurnedOnError(InvalidParameterException):
    hint = "Call SetUserPoolMfaConfig."

    def __init__(self) -> None:
        super().__init__("Cannot turn MFA functionality ON, once the user pool has been created.")


class ConflictingTriggersError(InvalidParameterException):
    """AWS documents that the two must be the same; the text is ours."""

    def __init__(self) -> None:
        super().__init__("PreTokenGeneration and PreTokenGenerationConfig name different functions.")


# Sign-in
class FlowNotEnabledError(InvalidParameterException):
    def __init__(self, auth_flow: str, hint: str = ""):
        super().__init__(f"{auth_flow} flow not enabled for this client")
        self.hint = hint or f"Add ALLOW_{auth_flow} to the app client's ExplicitAuthFlows."


class UnknownChallengeNameError(InvalidParameterException):
    """CHALLENGE_NAME of CUSTOM_AUTH; the text is ours."""

    def __init__(self, name: str):
        super().__init__(f"Unknown CHALLENGE_NAME {name}")
        self.hint = "Give SRP_A, with SRP_A beside it, or CUSTOM_CHALLENGE, or leave it out."


class CustomAuthOnlyError(InvalidParameterException):
    hint = "Its ExplicitAuthFlows have CUSTOM_AUTH_FLOW_ONLY."

    def __init__(self) -> None:
        super().__init__("Only custom auth (lambda driven) is enabled for this client.")


class FlowNotSupportedError(InvalidParameterException):
    """A flow that the service model knows, and this operation doesn't: moto's text."""

    hint = "The flows that begin with ADMIN are of AdminInitiateAuth, and USER_PASSWORD_AUTH is of InitiateAuth."

    def __init__(self) -> None:
        super().__init__("Initiate Auth method not supported")


class FeatureUnavailableInTierException(JsonRESTError):
    """Of a user pool whose feature plan has no step-up authentication."""

    def __init__(self) -> None:
        super().__init__(
            "FeatureUnavailableInTierException", "Step-up authentication is not available in this user pool's tier."
        )
        self.hint = "Step-up authentication is not mocked: leave out ACCESS_TOKEN and TARGET_ACR_VALUES."


class CustomAuthNotConfiguredError(InvalidParameterException):
    def __init__(self, trigger: str):
        super().__init__("Custom auth lambda trigger is not configured for the user pool.")
        self.hint = f"The pool's LambdaConfig names no {trigger}."


class LambdaError(JsonRESTError):
    """A function of the pool has failed, and with it the sign-in that it was called in."""

    def __init__(self, error_type: str, message: str, hint: str):
        super().__init__(error_type, message)
        self.hint = hint


class UserLambdaValidationException(LambdaError):
    """The function raised an error. What it said may have of the event in it: it stands on the wire, and in no log."""

    def __init__(self, trigger: str, message: str):
        super().__init__(
            "UserLambdaValidationException",
            f"{trigger} failed with error {message}.",
            "The function raised it: see its own log, or the calls of testing.triggers.",
        )
        self.log_detail = f"{trigger} failed with an error of its own."


class UnexpectedLambdaException(LambdaError):
    """The function can't be invoked, or there is none."""

    def __init__(self, trigger: str, error: str, hint: str):
        super().__init__("UnexpectedLambdaException", f"{trigger} invocation failed due to error {error}.", hint)


class InvalidLambdaResponseException(LambdaError):
    """What the function answered is not what Cognito takes."""

    def __init__(self, trigger: str, message: str, hint: str):
        super().__init__("InvalidLambdaResponseException", message, f"{trigger} answered what is not taken. {hint}")


class MigrationError(UserNotFoundError):
    """A text of UserMigration that apps look for; its type is our reading."""

    def __init__(self, client_id: str):
        super().__init__(f"Exception migrating user in app client {client_id}")
        self.hint = "UserMigration raised an error: see its own log, or the calls of testing.triggers."


class CodeMismatchError(JsonRESTError):
    """Of a code that was sent."""

    def __init__(self) -> None:
        super().__init__("CodeMismatchException", "Invalid code or auth state for the user.")
        self.hint = "It is not the one that was made for this challenge, which testing.last_code() reads."


class ExpiredCodeError(JsonRESTError):
    """A code that was sent, after the end of its session."""

    hint = "Begin the sign-in again: AuthSessionValidity of the app client says how long a code is good."

    def __init__(self) -> None:
        super().__init__("ExpiredCodeException", "Invalid code provided, please request a code again.")


class TotpCodeMismatchError(JsonRESTError):
    hint = "It is not the code of this moment: testing.totp() makes it of the SecretCode."

    def __init__(self) -> None:
        super().__init__("CodeMismatchException", "Invalid code received for user")


class UsedTotpCodeError(JsonRESTError):
    hint = "Wait for the next half minute, or give testing.totp() that moment."

    def __init__(self) -> None:
        super().__init__("ExpiredCodeException", "Your software token has already been used once.")


class EnableSoftwareTokenMFAException(JsonRESTError):
    hint = "UserCode is not the code of this moment: testing.totp() makes it of the last SecretCode."

    def __init__(self) -> None:
        super().__init__("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")


class SoftwareTokenMFANotFoundException(JsonRESTError):
    hint = "Switch SoftwareTokenMfaConfiguration on by SetUserPoolMfaConfig."

    def __init__(self) -> None:
        super().__init__("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userpool")


class SoftwareTokenNotSetUpError(InvalidParameterException):
    """SetUserMFAPreference for an app that is not set up."""

    hint = "Call AssociateSoftwareToken and VerifySoftwareToken first."

    def __init__(self) -> None:
        super().__init__("User has not set up software token mfa")


class AdminSoftwareTokenNotSetUpError(InvalidParameterException):
    """AdminSetUserMFAPreference for an app that is not set up."""

    hint = "Call AssociateSoftwareToken and VerifySoftwareToken first."

    def __init__(self) -> None:
        super().__init__("User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")


class TotpNotSetUpError(InvalidParameterException):
    def __init__(self, hint: str):
        super().__init__("User has not verified software token mfa")
        self.hint = hint


class AddressFormatError(InvalidParameterException):
    def __init__(self) -> None:
        super().__init__("Invalid email address format.")


class MissingAttributesError(InvalidParameterException):
    """Required attributes that the answer to NEW_PASSWORD_REQUIRED lacks."""

    hint = "Give each in ChallengeResponses, as userAttributes. and its name."

    def __init__(self, names: list[str]):
        super().__init__(f"Invalid attributes given, {' and '.join(names)} is missing")


class ProvidedAttributeError(NotAuthorizedError):
    def __init__(self, name: str):
        super().__init__(f"Cannot modify an already provided {name}")


class ImmutableAttributeError(InvalidParameterException):
    def __init__(self, name: str):
        super().__init__(f"user.{name}: Attribute cannot be updated.")


class UnauthorizedAttributeError(NotAuthorizedError):
    hint = "WriteAttributes of the app client do not list it, or nobody may write it."

    def __init__(self) -> None:
        super().__init__("A client attempted to write unauthorized attribute")


class UnknownAttributeError(InvalidParameterException):
    def __init__(self, name: str):
        super().__init__(f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.")


class IncorrectCredentialsError(NotAuthorizedError):
    """One text for a wrong password, device secret, secret block, signature and user: it tells nothing apart."""

    def __init__(self, hint: str):
        super().__init__("Incorrect username or password.")
        self.hint = hint


class PasswordNotSetError(IncorrectCredentialsError):
    """Whom AdminCreateUser gave none: AWS makes one, and sends it."""

    def __init__(self) -> None:
        super().__init__("The user has none: give AdminCreateUser a TemporaryPassword, or call AdminSetUserPassword.")


class FailedAuthenticationError(IncorrectCredentialsError):
    """The pool's own functions don't let the user in: the sign-in is over."""


class InvalidSessionError(NotAuthorizedError):
    def __init__(self, hint: str = "It is another user's or app client's, or its user was deleted."):
        super().__init__("Invalid session for the user.")
        self.hint = hint


class UsedSessionError(NotAuthorizedError):
    hint = "Answer with the Session of the last response, or begin the sign-in again."

    def __init__(self) -> None:
        super().__init__("Invalid session for the user, session can only be used once.")


class ExpiredSessionError(NotAuthorizedError):
    hint = "Begin the sign-in again: AuthSessionValidity of the app client says how long a session is good."

    def __init__(self) -> None:
        super().__init__("Invalid session for the user, session is expired.")


class FirstFactorRequiredError(NotAuthorizedError):
    def __init__(self, hint: str):
        super().__init__("Cannot initiate DEVICE_SRP_AUTH flow without first authenticating")
        self.hint = hint


class SecretHashMissingError(NotAuthorizedError):
    hint = "testing.secret_hash() makes it, and sign_in() by its client_secret."

    def __init__(self, client_id: str):
        super().__init__(f"Client {client_id} is configured with secret but SECRET_HASH was not received")


class ClientSecretMissingError(NotAuthorizedError):
    hint = "Give ClientSecret."

    def __init__(self, client_id: str):
        super().__init__(f"Client {client_id} is configured with secret but secret was not received")


class RefreshSecretHashError(NotAuthorizedError):
    """At refresh, where the hash is over the token's owner."""

    hint = "At refresh it is over the username of the token's owner: testing.secret_hash() makes it."

    def __init__(self, client_id: str):
        super().__init__(f"SecretHash does not match for the client: {client_id}")


class SecretHashMismatchError(NotAuthorizedError):
    def __init__(self, client_id: str, hint: str):
        super().__init__(f"Unable to verify secret hash for client {client_id}")
        self.hint = hint


class TimestampFormatError(InvalidParameterException):
    def __init__(self) -> None:
        super().__init__("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
