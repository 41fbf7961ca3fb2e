"""Helpers for tests, ``/moto-api/static/cognito-idp/<resource>``, beside moto's own of the same form.

Mirrors ``moto/moto_api/_internal``; ``moto_cognito_devices.registration`` adds the URLs to moto.
"""
