"""``python -m moto_cognito_devices`` is ``moto-cognito-devices``."""

from .cli import main

if __name__ == "__main__":
    main()
