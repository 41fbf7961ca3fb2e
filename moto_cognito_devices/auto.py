"""``import moto_cognito_devices.auto`` activates the plugin, unless ``MOTO_COGNITO_DEVICES=false``.

For unittest and scripts. A moto that the plugin does not fit is left alone, with a warning;
:func:`moto_cognito_devices.activate` raises in that case.
"""

from .registration import activate_automatically

activate_automatically()
