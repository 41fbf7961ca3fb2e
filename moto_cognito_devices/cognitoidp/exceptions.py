"""Cognito's errors, each with AWS's type and text.

The text is all that a client receives. ``hint`` is for the log: why the error happened and what to do about it. It
holds no secret. Moto's classes stay base classes, since moto and its users catch them.
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


class CognitoError(JsonRESTError):
    """Base class. A subclass has a text, a hint, and an error type if that is not the name of the class.

    :param values: replace ``{0}``, ``{1}``, … in text and hint
    """

    error_type: str
    text: str
    hint = ""

    def __init__(self, *values: str):
        # Not super(): the next class may be moto's, which takes the text alone.
        JsonRESTError.__init__(self, getattr(self, "error_type", type(self).__name__), self.text.format(*values))
        self.hint = self.hint.format(*values)


class _InvalidParameter(CognitoError, InvalidParameterException):
    error_type = "InvalidParameterException"


class _NotAuthorized(CognitoError, NotAuthorizedError):
    error_type = "NotAuthorizedException"


class _ResourceNotFound(CognitoError, ResourceNotFoundError):
    error_type = "ResourceNotFoundException"


class _UserNotFound(CognitoError, UserNotFoundError):
    error_type = "UserNotFoundException"


# Requests
class SerializationException(CognitoError):
    """The body is not JSON, or a member's JSON type is not the service model's."""

    text = "{0}"


class ValidationError(_InvalidParameter):
    """Members that break a constraint of the service model, all in one message."""

    text = "{0}"

    def __init__(self, failures: list[str]):
        errors = "error" if len(failures) == 1 else "errors"
        super().__init__(f"{len(failures)} validation {errors} detected: {'; '.join(failures)}")


class MissingParameterError(_InvalidParameter):
    text = "Missing required parameter {0}"


class InjectedError(JsonRESTError):
    """Any error, injected by a test author."""

    hint = "Injected by testing.fail_next, or by POST /moto-api/static/cognito-idp/errors."


# Devices
class DeviceNotFoundError(_ResourceNotFound):
    """Clients match this text with its full stop (amplify-js, ``retryOnResourceNotFoundException``)."""

    text = "Device does not exist."
    hint = "{0}"


class InvalidDeviceKeyError(_InvalidParameter):
    text = "Invalid device key given."
    hint = "{0}"


class DeviceKeyExistsException(CognitoError):
    text = "Device key already exists."
    hint = "It is confirmed already: keep using its password, or sign in without DEVICE_KEY to get a new device."


class DeviceTrackingDisabledError(_InvalidParameter):
    """An error of testing.add_device. Its text is ours: AWS has no such operation."""

    text = (
        "User pool {0} tracks no devices: give it a DeviceConfiguration (CreateUserPool, UpdateUserPool), "
        'for instance {{"ChallengeRequiredOnNewDevice": true}}.'
    )


class InvalidPaginationTokenError(_InvalidParameter):
    text = "Invalid pagination token provided."
    hint = "Pass the PaginationToken of this operation's last response for the same user."


# User pools and app clients
class ClientNotFoundError(_ResourceNotFound):
    """aws-sdk-php #2183 has the text."""

    text = "User pool client {0} does not exist."
    hint = "It was deleted, or moto was reset or restarted since it was created, or ClientId is wrong."


class MfaCannotBeTurnedOnError(_InvalidParameter):
    text = "Cannot turn MFA functionality ON, once the user pool has been created."
    hint = "Call SetUserPoolMfaConfig instead."


class ConflictingTriggersError(_InvalidParameter):
    """AWS documents that the two must be the same; the text is ours."""

    text = "PreTokenGeneration and PreTokenGenerationConfig name different functions."


class SecretHashMissingError(_NotAuthorized):
    text = "Client {0} is configured with secret but SECRET_HASH was not received"
    hint = "Pass client_secret to testing.sign_in(), or compute SECRET_HASH with testing.secret_hash()."


class SecretHashMismatchError(_NotAuthorized):
    text = "Unable to verify secret hash for client {0}"
    hint = "{1}"


class RefreshSecretHashError(_NotAuthorized):
    """A wrong SECRET_HASH at refresh, which is computed over another username than at sign-in."""

    text = "SecretHash does not match for the client: {0}"
    hint = "At refresh, pass the username of the token's owner to testing.secret_hash(), not an alias."


class ClientSecretMissingError(_NotAuthorized):
    text = "Client {0} is configured with secret but secret was not received"
    hint = "Pass ClientSecret."


# Tokens
class InvalidAccessTokenError(_NotAuthorized):
    text = "Invalid Access Token"
    hint = "{0}"


class ExpiredAccessTokenError(_NotAuthorized):
    text = "Access Token has expired"
    hint = "Refresh the tokens or sign in again. The app client's AccessTokenValidity sets how long a token is valid."


class RevokedAccessTokenError(_NotAuthorized):
    text = "Access Token has been revoked"
    hint = "The user was signed out globally, or the refresh token was revoked: sign in again."


class MissingScopeError(_NotAuthorized):
    text = "Access Token does not have required scopes"
    hint = "It needs aws.cognito.signin.user.admin: the PreTokenGeneration trigger must not suppress this scope."


class InvalidRefreshTokenError(_NotAuthorized):
    text = "Invalid Refresh Token."
    hint = "{0}"


class RevokedRefreshTokenError(_NotAuthorized):
    text = "Refresh Token has been revoked"
    hint = "RevokeToken or a global sign-out revoked it: sign in again."


class ExpiredRefreshTokenError(_NotAuthorized):
    text = "Refresh Token has expired"
    hint = "Sign in again. The app client's RefreshTokenValidity sets how long a token is valid."


class RefreshTokenReuseException(CognitoError):
    text = "Refresh token has been rotated"
    hint = "The app client has RefreshTokenRotation, so each refresh returns a new RefreshToken: use the latest one."


class UnsupportedTokenTypeException(CognitoError):
    text = "Only refresh tokens can be revoked"
    hint = "Pass the RefreshToken as Token."


class UnauthorizedException(CognitoError):
    text = "The token was issued to another client"
    hint = "Pass the ClientId of the app client that the user signed in with."


class RevocationDisabledError(CognitoError):
    error_type = "UnsupportedOperationException"
    text = "Token revocation is not enabled for this client"
    hint = "Set EnableTokenRevocation=True on the app client."


# Users and their attributes
class UserDoesNotExistError(_UserNotFound):
    text = "User does not exist."
    hint = "{0}"

    def __init__(self, hint: str = ""):
        super().__init__(hint)


class UserDisabledError(_NotAuthorized):
    text = "User is disabled."
    hint = "Call AdminEnableUser to enable the user again."


class UserIsNotConfirmedError(CognitoError, UserNotConfirmedException):
    error_type = "UserNotConfirmedException"
    text = "User is not confirmed."
    hint = "Call AdminConfirmSignUp, or ConfirmSignUp, for which moto accepts any code."


class PasswordResetRequiredException(CognitoError):
    text = "Password reset required for the user"
    hint = "AdminResetUserPassword was called: set a new password with ConfirmForgotPassword or AdminSetUserPassword."


class ExpiredPasswordError(_NotAuthorized):
    text = "Temporary password has expired and must be reset by an administrator."
    hint = "Call AdminSetUserPassword. The user pool's TemporaryPasswordValidityDays sets how long it is valid."


#: The errors of users who cannot sign in because of their state.
STATUS_ERRORS: dict[UserState, type[CognitoError]] = {
    UserState.EXPIRED_PASSWORD: ExpiredPasswordError,
    UserState.RESET_REQUIRED: PasswordResetRequiredException,
    UserState.UNCONFIRMED: UserIsNotConfirmedError,
    UserState.DISABLED: UserDisabledError,
}


class AddressFormatError(_InvalidParameter):
    text = "Invalid email address format."


class MissingAttributesError(_InvalidParameter):
    text = "Invalid attributes given, {0} is missing"
    hint = 'Add each one to ChallengeResponses as "userAttributes." followed by its name.'

    def __init__(self, names: list[str]):
        super().__init__(" and ".join(names))


class ProvidedAttributeError(_NotAuthorized):
    text = "Cannot modify an already provided {0}"


class ImmutableAttributeError(_InvalidParameter):
    text = "user.{0}: Attribute cannot be updated."


class UnknownAttributeError(_InvalidParameter):
    text = "Attributes did not conform to the schema: {0}: Attribute does not exist in the schema."


class UnauthorizedAttributeError(_NotAuthorized):
    text = "A client attempted to write unauthorized attribute"
    hint = "The app client's WriteAttributes do not include the attribute, or no client can write it."


# Authentication flows
class FlowNotEnabledError(_InvalidParameter):
    text = "{0} flow not enabled for this client"
    hint = "{1}"

    def __init__(self, auth_flow: str, hint: str = ""):
        super().__init__(auth_flow, hint or f"Add ALLOW_{auth_flow} to the app client's ExplicitAuthFlows.")


class CustomAuthOnlyError(_InvalidParameter):
    text = "Only custom auth (lambda driven) is enabled for this client."
    hint = "Remove CUSTOM_AUTH_FLOW_ONLY from the app client's ExplicitAuthFlows to use other flows."


class FlowNotSupportedError(_InvalidParameter):
    """The service model has the flow, but this operation does not support it. The text is moto's."""

    text = "Initiate Auth method not supported"
    hint = "Use AdminInitiateAuth for flows that begin with ADMIN, and InitiateAuth for USER_PASSWORD_AUTH."


class FeatureUnavailableInTierException(CognitoError):
    text = "Step-up authentication is not available in this user pool's tier."
    hint = "Step-up authentication is not mocked: leave out ACCESS_TOKEN and TARGET_ACR_VALUES."


class UnknownChallengeNameError(_InvalidParameter):
    """CHALLENGE_NAME of CUSTOM_AUTH; the text is ours."""

    text = "Unknown CHALLENGE_NAME {0}"
    hint = "CHALLENGE_NAME can be CUSTOM_CHALLENGE, SRP_A (the parameter SRP_A is required then), or absent."


class CustomAuthNotConfiguredError(_InvalidParameter):
    text = "Custom auth lambda trigger is not configured for the user pool."
    hint = "Add {0} to the user pool's LambdaConfig."


# Lambda triggers
class LambdaError(CognitoError):
    """A Lambda function of the user pool failed, and so did the sign-in."""


class UserLambdaValidationException(LambdaError):
    """The function raised an error. Its message may quote the event, so only the client gets it, not the log."""

    text = "{0} failed with error {1}."
    hint = "See the function's own log, or the calls of testing.triggers."

    def __init__(self, trigger: str, message: str):
        super().__init__(trigger, message)
        self.log_detail = f"The {trigger} function raised an error."


class UnexpectedLambdaException(LambdaError):
    """The function cannot be invoked, or does not exist."""

    text = "{0} invocation failed due to error {1}."
    hint = "{2}"


class InvalidLambdaResponseException(LambdaError):
    """Cognito does not accept what the function returned."""

    text = "{1}"
    hint = "The {0} function returned an invalid response. {2}"


class MigrationError(_UserNotFound):
    """Apps look for this text of UserMigration; its type is our reading."""

    text = "Exception migrating user in app client {0}"
    hint = "The UserMigration function raised an error: see its own log, or the calls of testing.triggers."


# Passwords and SRP
class IncorrectCredentialsError(_NotAuthorized):
    """One text for a wrong password, device secret, secret block, signature or user, which cannot be told apart."""

    text = "Incorrect username or password."
    hint = "{0}"


class PasswordNotSetError(IncorrectCredentialsError):
    """The user was created without a password: AWS generates one and sends it."""

    hint = "The user has no password: pass TemporaryPassword to AdminCreateUser, or call AdminSetUserPassword."


class FailedAuthenticationError(IncorrectCredentialsError):
    """The user pool's triggers reject the user: the sign-in is over."""


class TimestampFormatError(_InvalidParameter):
    text = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."


class FirstFactorRequiredError(_NotAuthorized):
    text = "Cannot initiate DEVICE_SRP_AUTH flow without first authenticating"
    hint = "{0}"


# Codes
class CodeMismatchError(CognitoError):
    """A wrong SMS or e-mail code."""

    error_type = "CodeMismatchException"
    text = "Invalid code or auth state for the user."
    hint = "It is not the code that was sent for this challenge: testing.last_code() returns that one."


class ExpiredCodeError(CognitoError):
    """An SMS or e-mail code whose session has expired."""

    error_type = "ExpiredCodeException"
    text = "Invalid code provided, please request a code again."
    hint = "Start the sign-in again. The app client's AuthSessionValidity sets how long a code is valid."


class TotpCodeMismatchError(CognitoError):
    error_type = "CodeMismatchException"
    text = "Invalid code received for user"
    hint = "It is not the current code: testing.totp(SecretCode) generates it."


class UsedTotpCodeError(CognitoError):
    error_type = "ExpiredCodeException"
    text = "Your software token has already been used once."
    hint = "Wait 30 seconds for the next code, or generate it with testing.totp(SecretCode, time.time() + 30)."


class EnableSoftwareTokenMFAException(CognitoError):
    text = "Code mismatch and fail enable Software Token MFA"
    hint = "UserCode is not the current code: testing.totp() generates it from the latest SecretCode."


class SoftwareTokenMFANotFoundException(CognitoError):
    text = "Software Token MFA has not been enabled by the userpool"
    hint = "Enable SoftwareTokenMfaConfiguration with SetUserPoolMfaConfig."


class SoftwareTokenNotSetUpError(_InvalidParameter):
    """SetUserMFAPreference before the user has set up an authenticator app."""

    text = "User has not set up software token mfa"
    hint = "Call AssociateSoftwareToken and VerifySoftwareToken first."


class AdminSoftwareTokenNotSetUpError(SoftwareTokenNotSetUpError):
    """AdminSetUserMFAPreference before the user has set up an authenticator app."""

    text = "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"


class TotpNotSetUpError(_InvalidParameter):
    text = "User has not verified software token mfa"
    hint = "{0}"


# Sessions
class InvalidSessionError(_NotAuthorized):
    text = "Invalid session for the user."
    hint = "{0}"

    def __init__(self, hint: str = "The session belongs to another user or app client, or its user was deleted."):
        super().__init__(hint)


class UsedSessionError(_NotAuthorized):
    text = "Invalid session for the user, session can only be used once."
    hint = "Use the Session of the last response, or start the sign-in again."


class ExpiredSessionError(_NotAuthorized):
    text = "Invalid session for the user, session is expired."
    hint = "Start the sign-in again. The app client's AuthSessionValidity sets how long a session is valid."
