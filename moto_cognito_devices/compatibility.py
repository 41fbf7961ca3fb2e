"""What the plugin builds on in moto, and whether the installed moto has it. Imported only after moto.

moto's backends are no public API, so each name that is replaced, extended or called is listed, with its parameters.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from .errors import IncompatibleMotoError

#: Names and their parameters. Further parameters of moto's must be optional, unless the list ends with "...": those
#: we pass on.
REQUIRED: dict[str, dict[str, str | None]] = {
    "moto.cognitoidp.models": {
        "CognitoIdpBackend.create_user_pool": "self name extended_config",
        "CognitoIdpBackend.describe_user_pool": "self user_pool_id",
        "CognitoIdpBackend.update_user_pool": "self user_pool_id extended_config",
        "CognitoIdpBackend.set_user_pool_mfa_config": "self user_pool_id sms_config token_config mfa_config",
        "CognitoIdpBackend.get_user_pool_mfa_config": "self user_pool_id",
        "CognitoIdpBackend.admin_set_user_mfa_preference": (
            "self user_pool_id username software_token_mfa_settings sms_mfa_settings"
        ),
        "CognitoIdpBackend.admin_create_user": (
            "self user_pool_id username message_action temporary_password attributes"
        ),
        "CognitoIdpBackend.admin_get_user": "self user_pool_id username",
        "CognitoIdpBackend.admin_delete_user": "self user_pool_id username",
        "CognitoIdpBackend.admin_set_user_password": "self user_pool_id username password permanent",
        "CognitoIdpBackend.confirm_sign_up": "self client_id username",
        "CognitoIdpBackend.confirm_forgot_password": "self client_id username ...",
        "CognitoIdpBackend._validate_password": "self user_pool_id password",
        "CognitoIdpBackend.initiate_auth": "self client_id auth_flow auth_parameters",
        "CognitoIdpBackend.admin_initiate_auth": "self user_pool_id client_id auth_flow auth_parameters",
        "CognitoIdpBackend.respond_to_auth_challenge": "self session client_id challenge_name challenge_responses",
        "CognitoIdpUserPool.to_json": "self extended",
        "CognitoIdpUserPool.update_extended_config": "self extended_config",
        "CognitoIdpUserPool.sign_out": "self username",
        "CognitoIdpUserPool.create_jwt": "self client_id username token_use expires_in extra_data",
        "CognitoIdpUserPool.create_refresh_token": "self client_id username",
        "CognitoIdpUserPool.create_tokens_from_refresh_token": "self refresh_token",
        "CognitoIdpUser.to_json": "self extended attributes_key",
        "CognitoIdpUser.update_attributes": "self new_attributes",
        "CognitoIdpUserPoolAttribute.STANDARD_SCHEMA": None,
        "RegionAgnosticBackend.__init__": "self account_id region_name",
        "RegionAgnosticBackend.confirm_sign_up": "self client_id username",
        "RegionAgnosticBackend.initiate_auth": "self client_id auth_flow auth_parameters",
        "RegionAgnosticBackend.respond_to_auth_challenge": "self session client_id challenge_name challenge_responses",
        "RegionAgnosticBackend._find_backend_by_access_token": "self access_token",
        "RegionAgnosticBackend._find_backend_by_access_token_or_session": "self access_token session",
        "RegionAgnosticBackend._find_backend_for_clientid": "self client_id",
        "DEFAULT_USER_POOL_CONFIG": None,
        "cognitoidp_backends.backend": None,
    },
    "moto.cognitoidp.responses": {
        "CognitoIdpResponse._dispatch": "self request ...",
        "CognitoIdpResponse.call_action": "self",
        "CognitoIdpResponse.setup_class": "self request full_url headers ...",
        "CognitoIdpResponse.get_region_from_url": "self request full_url",
        "CognitoIdpResponse._get_action": "self",
        "CognitoIdpResponse._get_region_agnostic_backend": "self",
        "CognitoIdpResponse.create_user_pool": "self",
        "CognitoIdpResponse.update_user_pool": "self",
        "CognitoIdpResponse.set_user_pool_mfa_config": "self",
        "CognitoIdpResponse.initiate_auth": "self",
        "CognitoIdpResponse.admin_initiate_auth": "self",
        "CognitoIdpResponse.respond_to_auth_challenge": "self",
        "CognitoIdpResponse.admin_respond_to_auth_challenge": "self",
        "CognitoIdpResponse.confirm_sign_up": "self",
        "CognitoIdpResponse.associate_software_token": "self",
        "CognitoIdpResponse.verify_software_token": "self",
        "CognitoIdpResponse.get_user": "self",
        "CognitoIdpResponse.admin_get_user": "self",
        "CognitoIdpResponse.change_password": "self",
        "CognitoIdpResponse.set_user_mfa_preference": "self",
        "CognitoIdpResponse.admin_set_user_mfa_preference": "self",
        "CognitoIdpResponse.update_user_attributes": "self",
        "CognitoIdpResponse.global_sign_out": "self",
    },
    "moto.cognitoidp.urls": {"url_bases": None, "url_paths": None},
    "moto.core.base_backend": {"backend_lock": None},
    "moto.core.exceptions": {"JsonRESTError": None},
    "moto.core.responses": {"ActionAuthenticatorMixin.PUBLIC_OPERATIONS": None},
    "moto.core.utils": {"get_service_model": "service_name", "unix_time": "", "utcnow": ""},
    "moto.moto_api._internal": {"mock_random.uuid4": "", "mock_random.get_random_string": "length"},
    "moto.utilities.aws_headers": {"gen_amzn_requestid_long": "..."},
}
REQUIRED_OF_MOTO_API: dict[str, dict[str, str | None]] = {
    "moto.core.responses": {"BaseResponse.get_current_account": "self"},
    "moto.moto_api._internal.urls": {"url_paths": None},
}
REQUIRED_OF_SERVER: dict[str, dict[str, str | None]] = {
    "moto.moto_server.werkzeug_app": {
        "DomainDispatcherApplication.get_application": "self environ",
        "DomainDispatcherApplication.infer_service_region_host": "self environ path",
        "UNSIGNED_REQUESTS": None,
    }
}
#: Without it our server command is slower.
OPTIONAL_OF_SERVER: dict[str, dict[str, str | None]] = {"moto.backends": {"list_of_moto_modules": ""}}


def check(required: Mapping[str, Mapping[str, str | None]]) -> None:
    """Compare the installed moto with one of the tables above.

    :raises IncompatibleMotoError: naming all that is missing or has other parameters
    """
    problems = []
    for module_name, names in required.items():
        for name, parameters in names.items():
            try:
                found = _find(module_name, name)
            except (ImportError, AttributeError):
                problems.append(f"{module_name}.{name} is missing")
                continue
            if parameters is not None and not _takes(found, parameters.split()):
                expected = ", ".join(parameters.split())
                problems.append(f"{module_name}.{name} has other parameters than ({expected})")
    if problems:
        raise incompatible("; ".join(problems))


def _find(module_name: str, name: str) -> Any:
    """Look up a dotted name in a module of moto.

    :raises ImportError, AttributeError: if moto does not have it
    """
    found: Any = importlib.import_module(module_name)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def moto_device_operations() -> list[str]:
    """The device operations that moto itself implements."""
    try:
        methods = dir(_find("moto.cognitoidp.responses", "CognitoIdpResponse"))
    except (ImportError, AttributeError):
        return []  # check() reports it
    implemented = {method.replace("_", "") for method in methods if "device" in method}
    if not implemented:  # don't load the service model, which takes longer than the rest of activation
        return []
    return [operation for operation in device_operations() if operation.lower() in implemented]


@cache
def device_operations() -> tuple[str, ...]:
    """The operations of Cognito on devices, by the service model."""
    return tuple(name for name in _service_model().operation_names if "Device" in name)


@cache
def unsigned_operations() -> frozenset[str]:
    """The operations of Cognito that need no signature, by the service model."""
    model = _service_model()
    return frozenset(name for name in model.operation_names if model.operation_model(name).auth_type == "none")


def _service_model() -> Any:
    from moto.core.utils import get_service_model  # not above, so that importing the tables imports nothing of moto

    return get_service_model("cognito-idp")


def moto_version() -> str:
    import moto

    return str(moto.__version__)


def incompatible(problem: str) -> IncompatibleMotoError:
    return IncompatibleMotoError(
        f"moto-cognito-devices does not fit moto {moto_version()}: {problem}. "
        "pip install --upgrade moto-cognito-devices brings a moto that fits, or what fits this one."
    )


def replaced(what: str, by: Any) -> IncompatibleMotoError:
    return IncompatibleMotoError(
        f"moto's {what} has been replaced by {by.__module__}: moto-cognito-devices can't extend what is not moto's. "
        "Deactivate the other plugin first."
    )


def _takes(function: Callable[..., Any], expected: list[str]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    known = [name for name in expected if name != "..."]
    further = [p for p in parameters[len(known) :] if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    optional = all(p.default is not p.empty for p in further)
    return [p.name for p in parameters[: len(known)]] == known and (optional or expected[-1:] == ["..."])
