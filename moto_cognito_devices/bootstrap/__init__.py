"""Comes first on PYTHONPATH under ``moto-cognito-devices run``; holds ``sitecustomize`` and nothing else."""
