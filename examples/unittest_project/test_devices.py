"""Tests of an app that takes an endpoint: a moto server in this process, with device tracking."""

from __future__ import annotations

import logging
import os
import unittest
from unittest.mock import patch

import boto3
from devices import forget_others
from moto.server import ThreadedMotoServer

from moto_cognito_devices import activated
from moto_cognito_devices.testing import ChallengeError, add_device, sign_in

REGION = "eu-west-1"
PASSWORD = "Correct-horse-7"


@activated()
class ForgetOthersTest(unittest.TestCase):
    endpoint_url: str

    @classmethod
    def setUpClass(cls) -> None:
        # Nothing of what this machine has of settings for AWS is used.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
        settings = patch.dict(os.environ, {**environment, **files, **keys}, clear=True)
        settings.start()
        cls.addClassCleanup(settings.stop)

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        cls.addClassCleanup(server.stop)
        cls.endpoint_url = "http://{}:{}".format(*server.get_host_and_port())

    def setUp(self) -> None:
        """A pool in which a device that was confirmed stands in for MFA, and ada, who has MFA by text message."""
        self.cognito = boto3.client("cognito-idp", region_name=REGION, endpoint_url=self.endpoint_url)
        pool = self.cognito.create_user_pool(PoolName="app", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True})
        self.user_pool_id = pool["UserPool"]["Id"]
        self.addCleanup(self.cognito.delete_user_pool, UserPoolId=self.user_pool_id)
        client = self.cognito.create_user_pool_client(UserPoolId=self.user_pool_id, ClientName="app")
        self.client_id = client["UserPoolClient"]["ClientId"]
        self.cognito.admin_create_user(UserPoolId=self.user_pool_id, Username="ada")
        # A password that she need not change at her first sign-in.
        self.cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username="ada", Password=PASSWORD, Permanent=True
        )
        self.cognito.admin_set_user_mfa_preference(
            UserPoolId=self.user_pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
        )

    def test_only_the_device_that_is_kept_signs_in_without_a_code(self) -> None:
        laptop, phone = (add_device(self.cognito, self.user_pool_id, "ada", name=name) for name in ("laptop", "phone"))
        access_token = sign_in(self.cognito, self.client_id, "ada", PASSWORD, device=laptop)["AccessToken"]

        forgotten = forget_others(access_token, laptop.device_key, REGION, self.endpoint_url)

        self.assertEqual(forgotten, 1)
        self.assertTrue(sign_in(self.cognito, self.client_id, "ada", PASSWORD, device=laptop)["AccessToken"])
        with self.assertRaises(self.cognito.exceptions.ResourceNotFoundException):
            sign_in(self.cognito, self.client_id, "ada", PASSWORD, device=phone)
        with self.assertRaisesRegex(ChallengeError, "SMS_MFA"):
            sign_in(self.cognito, self.client_id, "ada", PASSWORD)

    def test_devices_of_all_pages_are_forgotten(self) -> None:
        devices = [add_device(self.cognito, self.user_pool_id, "ada") for _ in range(62)]
        kept = devices[0].device_key
        access_token = sign_in(self.cognito, self.client_id, "ada", PASSWORD, device=devices[0])["AccessToken"]

        self.assertEqual(forget_others(access_token, kept, REGION, self.endpoint_url), 61)

        left = self.cognito.admin_list_devices(UserPoolId=self.user_pool_id, Username="ada")["Devices"]
        self.assertEqual([device["DeviceKey"] for device in left], [kept])


if __name__ == "__main__":
    unittest.main()
