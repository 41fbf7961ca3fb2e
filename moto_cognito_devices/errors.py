"""What activation raises and warns with. A file of its own, so that a reload of ``registration`` keeps the classes."""


class IncompatibleMotoError(RuntimeError):
    """The installed moto lacks something that the plugin builds on; nothing of moto was touched."""


class MotoCognitoDevicesWarning(UserWarning):
    """The plugin could not be activated automatically, or has stepped aside."""
