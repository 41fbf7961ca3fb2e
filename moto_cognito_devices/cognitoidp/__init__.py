"""Mirrors ``moto/cognitoidp``, file by file: it reads as a patch that moto could take.

Importing it changes nothing; ``moto_cognito_devices.registration`` puts it to use.
"""

# First of all: where the plugin waits for this import, it imports the modules below in the midst of it.
import moto.cognitoidp as _  # noqa: F401
