"""The ``MOTO_COGNITO_DEVICES*`` switches: environment variables, read at each call.

A function raises ValueError if its switch has an unknown value. An empty variable counts as unset.
"""

import os
import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

_PREFIX = "MOTO_COGNITO_DEVICES"
TRIGGERS = "MOTO_COGNITO_DEVICES_TRIGGERS"
#: Each switch's allowed values, the default first.
SWITCHES: dict[str, tuple[str, ...]] = {
    # false: neither pytest nor ``import moto_cognito_devices.auto`` activates the plugin.
    _PREFIX: ("true", "false"),
    # The pools in which PASSWORD_VERIFIER checks the user's own SRP proof: those with device tracking, all, or none.
    # moto never checks it.
    "MOTO_COGNITO_DEVICES_VERIFY_USER_SRP": ("tracked", "always", "never"),
    # false: a refresh does not require the key of the device that the tokens are bound to.
    "MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH": ("true", "false"),
    # any: every SMS and email code passes, as in moto, and TOTP codes are checked if moto's own setting says so.
    # checked: only the code that was generated passes, and a TOTP code passes once.
    "MOTO_COGNITO_DEVICES_CODES": ("any", "checked"),
    # The endpoint for Lambda triggers: one URL, or NAME=URL for single functions, separated by commas.
    TRIGGERS: ("",),
    # false: a device that was remembered before MFA was enabled waives MFA at once. AWS requires one more code
    # (https://github.com/aws-amplify/amplify-js/issues/8977).
    "MOTO_COGNITO_DEVICES_MFA_ONCE_MORE": ("true", "false"),
    # false: ConfirmDevice works even if the last challenge was answered with an alias (email, phone number) as
    # USERNAME. AWS returns "Invalid device key given." (https://github.com/aws-amplify/amplify-js/issues/4047).
    "MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM": ("true", "false"),
    # false: CUSTOM_AUTH returns no NewDeviceMetadata. AWS documents that it does, and amplify-flutter tests it; a
    # report of 2026 says that it does not (https://github.com/aws-amplify/amplify-js/issues/14909).
    "MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE": ("true", "false"),
}


def _read(name: str) -> str:
    value, allowed = os.environ.get(name, "").strip(), SWITCHES[name]
    if name == TRIGGERS:
        _parse_urls(value)
        return value
    value = value.lower() or allowed[0]
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}: choose one of {', '.join(allowed)}.")
    return value


def _is_true(name: str) -> bool:
    return _read(name) == "true"


automatic_activation = partial(_is_true, _PREFIX)
verify_user_srp = partial(_read, "MOTO_COGNITO_DEVICES_VERIFY_USER_SRP")
require_device_to_refresh = partial(_is_true, "MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH")
codes = partial(_read, "MOTO_COGNITO_DEVICES_CODES")
mfa_once_more = partial(_is_true, "MOTO_COGNITO_DEVICES_MFA_ONCE_MORE")
alias_breaks_confirm = partial(_is_true, "MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM")
custom_auth_gives_device = partial(_is_true, "MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE")


def triggers() -> Mapping[str | None, str]:
    """Return the URLs by function name; None is the key of the URL for all other functions."""
    return _parse_urls(os.environ.get(TRIGGERS, "").strip())


def _parse_urls(value: str) -> dict[str | None, str]:
    urls: dict[str | None, str] = {}
    for entry in value.split(",") if value else ():
        found = re.fullmatch(r"(?:([A-Za-z0-9_-]{1,64})\s*=\s*)?(\S+)", entry.strip())
        if not found or not _is_url(found[2]) or found[1] in urls:
            # The value may contain credentials: do not echo them.
            shown = re.sub(r"(?s).*@|[?#].*", "...", value if "@" in value else entry.strip())
            twice = found and found[1] in urls
            raise ValueError(
                f"{TRIGGERS} has {shown!r}{' beside another for the same' if twice else ''}: give a URL "
                "(http://127.0.0.1:3001), or NAME=URL for single functions and at most one URL for the rest, with "
                "commas between; http or https, without user name, query and fragment."
            )
        urls[found[1]] = found[2]
    return urls


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and "@" not in parts.netloc and not {"?", "#"} & {*text}
    return plain and parts.scheme in ("http", "https") and bool(host) and port != 0


def changed() -> dict[str, str]:
    """Return the switches that do not have their default value."""
    check()
    return {name: value for name, allowed in SWITCHES.items() if (value := _read(name)) != allowed[0]}


def check() -> None:
    """Read every switch, so that a wrong value or a misspelled name fails at activation and not in a request.

    :raises ValueError: naming the switch and its allowed values, or the known switches
    """
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in SWITCHES:
            raise ValueError(f"There is no switch {name}: the switches are {', '.join(SWITCHES)}.")
    for name in SWITCHES:
        _read(name)
