"""Finding a pool by index gives the same as walking all pools, whatever moto does to them meanwhile."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices import activate, deactivate
from moto_cognito_devices.cognitoidp import user_pools
from moto_cognito_devices.cognitoidp.tokens import unverified_claims

from .support import ALWAYS, CREDENTIALS, PASSWORD, UserPool

ACCOUNT = "123456789012"
REGIONS = ("eu-west-1", "us-east-1")
SIGN_IN = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD}}


def walk(condition: Any) -> Any:
    return next((pool for pool in user_pools.all_user_pools() if condition(pool)), None)


class World:
    """Pools in two regions, and every key that was ever issued."""

    def __init__(self) -> None:
        self.mocks = ExitStack()
        self.mocks.enter_context(mock_aws())
        client: Any = boto3.client
        self.clients = {region: client("cognito-idp", region_name=region, **CREDENTIALS) for region in REGIONS}
        self.pools: list[tuple[str, str]] = []
        self.client_ids: list[str] = ["", "never-issued"]
        self.access_tokens: list[str] = ["", "never-issued"]
        self.sessions: list[str] = ["", "never-issued"]
        self.saved: dict[str, Any] = {}

    def act(self, action: str, region: str) -> None:
        cognito = self.clients[region]
        here = [pool for pool_region, pool in self.pools if pool_region == region]
        if action == "create a pool":
            self._create(region)
        elif action == "reset":
            requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=60)
            self.pools = []
        elif action == "save":
            self.saved[region] = (copy.deepcopy(dict(cognitoidp_backends[ACCOUNT])).get(region), list(here))
        elif action == "restore" and self.saved.get(region, (None,))[0]:
            backend, pools = self.saved.pop(region)
            cognitoidp_backends[ACCOUNT][region] = backend
            self.pools = [(r, pool) for r, pool in self.pools if r != region] + [(region, pool) for pool in pools]
        elif action == "nest" and len(self.mocks._exit_callbacks) < 3:  # type: ignore[attr-defined]
            self.mocks.enter_context(mock_aws())
        elif action == "switch":
            deactivate()
            activate()
        elif here and action == "delete a pool":
            cognito.delete_user_pool(UserPoolId=here[0])
            self.pools.remove((region, here[0]))
        elif here and action == "delete a client":
            for client in cognito.list_user_pool_clients(UserPoolId=here[-1], MaxResults=1)["UserPoolClients"]:
                cognito.delete_user_pool_client(UserPoolId=here[-1], ClientId=client["ClientId"])
        elif here and action == "sign in":
            for client in cognito.list_user_pool_clients(UserPoolId=here[-1], MaxResults=1)["UserPoolClients"]:
                response = cognito.initiate_auth(ClientId=client["ClientId"], **SIGN_IN)
                self.access_tokens.append(response.get("AuthenticationResult", {}).get("AccessToken", ""))
                self.sessions.append(response.get("Session", ""))
        elif here and action == "sign out":
            cognito.admin_user_global_sign_out(UserPoolId=here[-1], Username="ada")

    def _create(self, region: str) -> None:
        cognito = self.clients[region]
        user_pool_id = cognito.create_user_pool(PoolName="index", DeviceConfiguration=ALWAYS)["UserPool"]["Id"]
        flows = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
        client = cognito.create_user_pool_client(UserPoolId=user_pool_id, ClientName="a", **flows)["UserPoolClient"]
        names = {"UserPoolId": user_pool_id, "Username": "ada"}
        cognito.admin_create_user(**names, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**names, Password=PASSWORD, Permanent=True)
        if len(self.pools) % 2:  # every second user is asked for a code
            cognito.admin_set_user_mfa_preference(**names, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
        self.pools.append((region, user_pool_id))
        self.client_ids.append(client["ClientId"])

    def compare(self) -> None:
        for client_id in self.client_ids:
            assert user_pools.find_by_client_id(client_id) is walk(lambda pool, key=client_id: key in pool.clients)
        for session in self.sessions:
            expected = walk(lambda pool, key=session: key in pool.state.auth_sessions)
            assert user_pools.find_by_session(session) is expected
        for token in self.access_tokens:
            issuer = walk(lambda pool, key=token: key in pool.access_tokens)
            assert user_pools.find_issuer(token) is issuer
            claimed = str(unverified_claims(token).get("iss")).rpartition("/")[2]
            named = walk(lambda pool, key=claimed: pool.id == key)
            assert user_pools.find_by_access_token(token) is (issuer or named)


ACTIONS = (
    *("create a pool", "delete a pool", "delete a client", "sign in", "sign out"),
    *("reset", "save", "restore", "nest", "switch"),
)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(REGIONS)), min_size=4, max_size=14))
def test_finders_agree_with_a_walk_over_all_pools(actions: list[tuple[str, str]]) -> None:
    world = World()
    with world.mocks, pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_pools, "_INDEX_SIZE", 3)  # so that the index starts over now and then
        for region in REGIONS:
            world.act("create a pool", region)
            world.act("sign in", region)
        world.compare()
        for action, region in actions:
            world.act(action, region)
            world.compare()


def test_find_by_client_id_forgets_a_deleted_client_and_pool(moto_pool: UserPool) -> None:
    assert user_pools.find_by_client_id(moto_pool.client_id) is not None
    moto_pool.cognito.delete_user_pool_client(UserPoolId=moto_pool.id, ClientId=moto_pool.client_id)
    assert user_pools.find_by_client_id(moto_pool.client_id) is None


def test_find_issuer_forgets_the_tokens_of_a_deleted_pool(moto_pool: UserPool) -> None:
    access_token = moto_pool.tokens()["AccessToken"]
    assert user_pools.find_issuer(access_token) is not None
    moto_pool.cognito.delete_user_pool(UserPoolId=moto_pool.id)
    assert user_pools.find_issuer(access_token) is None
    assert user_pools.find_by_access_token(access_token) is None


@pytest.mark.parametrize("key", [None, 1, ["a"], {"a": "b"}, ""])
def test_finders_return_none_for_a_key_that_is_no_text(moto_pool: UserPool, key: object) -> None:
    for find in (user_pools.find_by_client_id, user_pools.find_by_session, user_pools.find_by_access_token):
        assert find(key) is None


def test_finders_create_no_account_and_no_region(moto_pool: UserPool) -> None:
    before = {account: set(regions) for account, regions in cognitoidp_backends.items()}
    user_pools.find_by_client_id(moto_pool.client_id)
    user_pools.find_by_client_id("unknown")
    user_pools.find_by_access_token("a.b.c")
    assert {account: set(regions) for account, regions in cognitoidp_backends.items()} == before
