"""Mirrors ``moto/cognitoidp``, file by file: it reads as a patch that moto could take.

Importing it changes nothing; ``moto_cognito_devices.registration`` puts it to use.
"""
