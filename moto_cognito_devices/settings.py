"""The ``MOTO_COGNITO_DEVICES*`` switches. Each is read from the environment when it is asked for."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_PREFIX = "MOTO_COGNITO_DEVICES"
TRIGGERS = f"{_PREFIX}_TRIGGERS"
#: By its name: the values of a switch, the default first. That of the triggers takes URLs.
_SWITCHES: dict[str, tuple[str, ...]] = {
    _PREFIX: ("true", "false"),
    f"{_PREFIX}_VERIFY_USER_SRP": ("tracked", "always", "never"),
    f"{_PREFIX}_REQUIRE_DEVICE_TO_REFRESH": ("true", "false"),
    f"{_PREFIX}_CODES": ("any", "checked"),
    TRIGGERS: ("",),
    f"{_PREFIX}_MFA_ONCE_MORE": ("true", "false"),
    f"{_PREFIX}_ALIAS_BREAKS_CONFIRM": ("true", "false"),
    f"{_PREFIX}_CUSTOM_AUTH_GIVES_DEVICE": ("true", "false"),
}


def _value(name: str) -> str:
    choices = _SWITCHES[name]
    value = os.environ.get(name, "").strip()
    if name == TRIGGERS:
        _urls(value)
        return value
    value = value.lower() or choices[0]
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: choose one of {', '.join(choices)}.")
    return value


def automatic_activation() -> bool:
    """``MOTO_COGNITO_DEVICES``: ``false`` keeps pytest and ``moto_cognito_devices.auto`` from activating.

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _value("MOTO_COGNITO_DEVICES") == "true"


def verify_user_srp() -> str:
    """``MOTO_COGNITO_DEVICES_VERIFY_USER_SRP``: in which pools PASSWORD_VERIFIER checks the user's own SRP proof.

    ``tracked`` (those with device tracking), ``always`` or ``never``; moto checks none.

    :raises ValueError: if the switch is none of the three
    """
    return _value("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP")


def require_device_to_refresh() -> bool:
    """``MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH``: ``false`` refreshes tokens without their device.

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _value("MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH") == "true"


def alias_breaks_confirm() -> bool:
    """``MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM``: ``false`` lets a device be confirmed all the same.

    AWS answers "Invalid device key given." if the last challenge before was answered with an alias (an e-mail
    address, a phone number) as USERNAME (https://github.com/aws-amplify/amplify-js/issues/4047).

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _value("MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM") == "true"


def custom_auth_gives_device() -> bool:
    """``MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE``: ``false`` gives no NewDeviceMetadata by CUSTOM_AUTH.

    AWS documents that it does, and amplify-flutter tests it; since 2026 a report says that it doesn't
    (https://github.com/aws-amplify/amplify-js/issues/14909).

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _value("MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE") == "true"


def codes() -> str:
    """``MOTO_COGNITO_DEVICES_CODES``: whether the codes of MFA are checked.

    ``any``: moto's way, any code that is sent passes, and TOTP codes are checked where moto's own setting says so.
    ``checked``: TOTP codes are checked, and each is good once; of codes that are sent the one that was made passes.

    :raises ValueError: if the switch is neither
    """
    return _value("MOTO_COGNITO_DEVICES_CODES")


def triggers() -> Mapping[str | None, str]:
    """``MOTO_COGNITO_DEVICES_TRIGGERS``: the URLs that answer for Lambda functions.

    ``http://127.0.0.1:3001`` answers for all; ``NAME=URL`` for one function, beside others and, with commas between.

    :returns: the URLs by the functions' names; that for the rest by None
    :raises ValueError: if the switch is something else; no user name, password or query is in the text
    """
    value = os.environ.get(TRIGGERS)
    return _urls(value.strip()) if value else {}


def _urls(value: str) -> dict[str | None, str]:
    """
    :raises ValueError: see :func:`triggers`
    """
    urls: dict[str | None, str] = {}
    for entry in value.split(",") if value else ():
        found = re.fullmatch(r"(?:([A-Za-z0-9_-]{1,64})\s*=\s*)?(\S+)", entry.strip())
        if not found or not _is_url(found[2]) or found[1] in urls:
            # Somebody's password, commas in it or not, or key may be in it.
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


def mfa_once_more() -> bool:
    """``MOTO_COGNITO_DEVICES_MFA_ONCE_MORE``: ``false`` lets a remembered device waive MFA at once.

    On AWS a device that was remembered before MFA was switched on is asked for a code once more
    (https://github.com/aws-amplify/amplify-js/issues/8977).

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _value("MOTO_COGNITO_DEVICES_MFA_ONCE_MORE") == "true"


def changed() -> dict[str, str]:
    """The switches whose values are not their defaults.

    :raises ValueError: as :func:`check`
    """
    check()
    return {name: value for name, choices in _SWITCHES.items() if (value := _value(name)) != choices[0]}


def check() -> None:
    """Read every switch, so that a wrong one is told at activation and not by a request that fails.

    :raises ValueError: naming the switch and its choices, or the form that it wants; or the known switches, if there
        is none of a name
    """
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in _SWITCHES:
            raise ValueError(f"There is no switch {name}: the switches are {', '.join(_SWITCHES)}.")
    for name in _SWITCHES:
        _value(name)
