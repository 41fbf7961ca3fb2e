"""Device tracking ("Remember me on this device") for moto's Cognito user pools.

``activate()`` adds device tracking to moto, ``deactivate()`` removes it; ``activated()`` does both, around a block or
a test. Under pytest none of them is needed: installing the package is enough. Scripts and unittest can
``import moto_cognito_devices.auto`` instead.

Importing this package does not import moto.
"""

from .activation import activated
from .errors import IncompatibleMotoError, MotoCognitoDevicesWarning
from .registration import activate, deactivate, is_active

__all__ = [
    "IncompatibleMotoError",
    "MotoCognitoDevicesWarning",
    "__version__",
    "activate",
    "activated",
    "deactivate",
    "is_active",
]
__version__ = "0.2.0"
