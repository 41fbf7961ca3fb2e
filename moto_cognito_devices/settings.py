"""The ``MOTO_COGNITO_DEVICES*`` switches. Each is read from the environment when it is asked for."""

import os

_defaults: dict[str, str] = {}  # of the switches that were read


def _choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    _defaults[name] = default
    value = os.environ.get(name, default).strip().lower()
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: choose one of {', '.join(choices)}.")
    return value


def automatic_activation() -> bool:
    """``MOTO_COGNITO_DEVICES``: ``false`` keeps pytest and ``moto_cognito_devices.auto`` from activating.

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _choice("MOTO_COGNITO_DEVICES", "true", ("true", "false")) == "true"


def verify_user_srp() -> str:
    """``MOTO_COGNITO_DEVICES_VERIFY_USER_SRP``: in which pools PASSWORD_VERIFIER checks the user's own SRP proof.

    ``tracked`` (those with device tracking), ``always`` or ``never``; moto checks none.

    :raises ValueError: if the switch is none of the three
    """
    return _choice("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "tracked", ("tracked", "always", "never"))


def require_device_to_refresh() -> bool:
    """``MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH``: ``false`` refreshes tokens without their device.

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _choice("MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH", "true", ("true", "false")) == "true"


def alias_breaks_confirm() -> bool:
    """``MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM``: ``false`` lets a device be confirmed all the same.

    AWS answers "Invalid device key given." if the last challenge before was answered with an alias (an e-mail
    address, a phone number) as USERNAME (https://github.com/aws-amplify/amplify-js/issues/4047).

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _choice("MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM", "true", ("true", "false")) == "true"


def codes() -> str:
    """``MOTO_COGNITO_DEVICES_CODES``: whether the codes of MFA are checked.

    ``any``: moto's way, any SMS code passes, and TOTP codes are checked where moto's own setting says so. ``checked``:
    TOTP codes are checked, and each is good once.

    :raises ValueError: if the switch is neither
    """
    return _choice("MOTO_COGNITO_DEVICES_CODES", "any", ("any", "checked"))


def mfa_once_more() -> bool:
    """``MOTO_COGNITO_DEVICES_MFA_ONCE_MORE``: ``false`` lets a remembered device waive MFA at once.

    On AWS a device that was remembered before MFA was switched on is asked for a code once more
    (https://github.com/aws-amplify/amplify-js/issues/8977).

    :raises ValueError: if the switch is neither ``true`` nor ``false``
    """
    return _choice("MOTO_COGNITO_DEVICES_MFA_ONCE_MORE", "true", ("true", "false")) == "true"


def check() -> None:
    """Read every switch, so that a wrong one is told at activation and not by a request that fails.

    :raises ValueError: naming the switch and its choices
    """
    automatic_activation()
    verify_user_srp()
    require_device_to_refresh()
    alias_breaks_confirm()
    mfa_once_more()
    codes()


def changed() -> dict[str, str]:
    """The switches that are not as they are by default, by their names.

    :raises ValueError: as :func:`check`
    """
    check()
    values = {name: os.environ.get(name, default).strip().lower() for name, default in _defaults.items()}
    return {name: value for name, value in values.items() if value != _defaults[name]}
