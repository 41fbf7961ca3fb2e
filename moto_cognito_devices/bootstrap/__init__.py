"""The folder that ``moto-cognito-devices run`` puts first on PYTHONPATH; it holds only ``sitecustomize``."""
