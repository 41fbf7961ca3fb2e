"""Activates the plugin at the start of a Python, as ``moto_cognito_devices.auto`` does.

Stands in the place of the ``sitecustomize`` that the environment may have, whose turn comes after it. A command may
start Pythons of other environments, older ones too: this file is to be read by each.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


def _activate() -> None:
    try:
        import moto_cognito_devices.auto  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "moto_cognito_devices":  # else it is a Python of another environment, without the plugin
            raise


def _hand_on() -> None:
    folder = os.path.dirname(__file__)
    # Behind this folder only: two environments' may be there, and neither is to call the other back.
    behind = sys.path[sys.path.index(folder) + 1 :] if folder in sys.path else []
    spec = PathFinder.find_spec("sitecustomize", behind)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    _activate()
finally:
    _hand_on()
