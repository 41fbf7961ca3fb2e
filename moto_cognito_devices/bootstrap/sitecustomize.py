"""Activates the plugin when a Python process starts, as ``moto_cognito_devices.auto`` does.

Shadows any other ``sitecustomize`` and runs it afterwards. Must be importable by older Pythons: the command may start
other interpreters.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


def _activate() -> None:
    try:
        import moto_cognito_devices.auto  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "moto_cognito_devices":  # else another environment's Python, without the plugin
            raise


def _run_shadowed() -> None:
    folder = os.path.dirname(__file__)
    # Only after this folder: another environment's copy of this file may be on the path, and must not run this one.
    after = sys.path[sys.path.index(folder) + 1 :] if folder in sys.path else []
    spec = PathFinder.find_spec("sitecustomize", after)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    _activate()
finally:
    _run_shadowed()
