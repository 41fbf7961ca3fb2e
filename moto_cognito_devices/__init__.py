"""Device tracking ("Remember me on this device") for moto's Cognito user pools.

``activate()`` teaches moto the feature, ``deactivate()`` gives moto back as it was; ``activated()`` does both, for a
block or a test. Under pytest none of them is needed: to have the package installed is enough. Scripts and unittest may
``import moto_cognito_devices.auto`` instead.

Importing this package imports nothing of moto.
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
