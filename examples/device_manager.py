"""An app that lists and forgets its user's devices: plain boto3, no word of moto.

Against AWS it needs a user pool with device tracking. Against a mock, run ``moto-cognito-devices server`` and give its
URL: ``python examples/device_manager.py http://127.0.0.1:5000 CLIENT_ID USERNAME PASSWORD``.
"""

from __future__ import annotations

import sys

import boto3


def main(endpoint_url: str, client_id: str, username: str, password: str) -> None:
    cognito = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=endpoint_url)
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )["AuthenticationResult"]
    for device in cognito.list_devices(AccessToken=tokens["AccessToken"])["Devices"]:
        print(device["DeviceKey"], device["DeviceLastAuthenticatedDate"])
        if input("Forget it? [y/N] ").lower() == "y":
            cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device["DeviceKey"])


if __name__ == "__main__":
    main(*sys.argv[1:5])
