"""``import moto_cognito_devices.auto`` activates the plugin, unless ``MOTO_COGNITO_DEVICES=false``.

For unittest and scripts. An incompatible moto is left unchanged, with a warning; :func:`moto_cognito_devices.activate`
raises an error instead.
"""

from .registration import activate_automatically

activate_automatically()
