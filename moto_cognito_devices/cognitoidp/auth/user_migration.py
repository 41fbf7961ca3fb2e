"""UserMigration: a user who is not in the pool, and whom the pool's function knows, is taken over at sign-in.

Source: "Migrate user Lambda trigger" in the Amazon Cognito developer guide.
"""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUserPoolAttribute, UserStatus

from ..exceptions import IncorrectCredentialsError, MigrationError, UserLambdaValidationException
from ..parameters import prevents_user_existence_errors
from ..pool_state import lock
from .challenges import Request


def migrate(request: Request, username: str, password: str) -> None:
    """Make the user, if there is none, and the function says so.

    :raises MigrationError, IncorrectCredentialsError: if the function raised an error: by what the app client may tell
    :raises IncorrectCredentialsError: also if it gives attributes that no user can be created with
        (https://github.com/boto/boto3/issues/2747)
    :raises UnexpectedLambdaException, InvalidLambdaResponseException: if it fails in another way
    """
    user_pool, functions = request.user_pool, request.functions
    if not functions.has("UserMigration") or user_pool.find_user(username) is not None:
        return
    try:
        migrated = functions.user_migration(username, password)
    except UserLambdaValidationException as error:
        if prevents_user_existence_errors(request.client):
            raise IncorrectCredentialsError("UserMigration raised an error.") from error
        raise MigrationError(request.client.id) from error
    if migrated is None:  # nobody answers, or knows the user
        return
    for name in migrated.attributes:
        known = name in user_pool.schema_attributes or name in CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
        if name == "sub" or not known:
            raise IncorrectCredentialsError(f"UserMigration gave {name}, which no user can be created with.")
    with lock:
        if user_pool.find_user(username) is not None:  # somebody was faster
            return
        attributes = [{"Name": name, "Value": value} for name, value in migrated.attributes.items()]
        user = user_pool.backend.admin_create_user(user_pool.id, username, "SUPPRESS", password, attributes)
        user.status = UserStatus.CONFIRMED if migrated.confirmed else UserStatus.RESET_REQUIRED
        user.sms_mfa_enabled = migrated.sms_mfa
