"""Beside moto's own helpers for tests, ``/moto-api/static/<service>/<what>``: those of Cognito's devices.

Mirrors ``moto/moto_api/_internal``; ``moto_cognito_devices.registration`` puts it to use.
"""
