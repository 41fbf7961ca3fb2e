"""The arithmetic, against code that was not written here: pycognito's, and vectors of an independent server."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito import aws_srp

from moto_cognito_devices import srp
from moto_cognito_devices.credentials import constant_time_equal

from .support import NIGHTLY

#: Each takes half a second. The vectors hold u of every length, and more of what is rare.
PROOFS = 200 if NIGHTLY else 20

VECTORS = json.loads((Path(__file__).parent / "device_srp_vectors.json").read_text())["vectors"]
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))


def big_endian(encoded: str) -> int:
    return int.from_bytes(base64.b64decode(encoded), "big")


@each_vector
def test_the_vectors_verifier(vector: dict[str, str]) -> None:
    salt = int(vector["salt_hex"], 16)
    x = srp.private_key(salt, vector["device_group_key"], vector["device_key"], vector["device_password"])
    assert srp.verifier(x) == big_endian(vector["verifier_base64"])
    assert salt == big_endian(vector["salt_base64"])


@each_vector
def test_the_vectors_server_side(vector: dict[str, str]) -> None:
    A, b = int(vector["srp_a_hex"], 16), int(vector["server_private_b_hex"], 16)
    v = big_endian(vector["verifier_base64"])
    B = srp.server_public_key(v, b)
    assert f"{B:x}" == vector["srp_b_hex"]
    key = srp.server_session_key(A, B, v, b)
    assert key.hex() == vector["session_key_hex"]
    assert _signature(key, vector) == vector["password_claim_signature"]


@each_vector
def test_the_vectors_client_side(vector: dict[str, str]) -> None:
    a = int(vector["client_private_a_hex"], 16)
    A = srp.client_public_key(a)
    assert f"{A:x}" == vector["srp_a_hex"]
    x = srp.private_key(
        int(vector["salt_hex"], 16), vector["device_group_key"], vector["device_key"], vector["device_password"]
    )
    key = srp.client_session_key(a, A, int(vector["srp_b_hex"], 16), x)
    assert key.hex() == vector["session_key_hex"]
    assert _signature(key, vector) == vector["password_claim_signature"]


def _signature(key: bytes, vector: dict[str, str]) -> str:
    block = base64.b64decode(vector["secret_block_base64"])
    made = srp.signature(key, vector["device_group_key"], vector["device_key"], block, vector["timestamp"])
    return base64.b64encode(made).decode()


def test_the_group_is_that_of_rfc_3526() -> None:
    assert srp.N.bit_length() == 3072
    assert aws_srp.hex_to_long(aws_srp.N_HEX) == srp.N
    assert aws_srp.hex_to_long(aws_srp.G_HEX) == srp.g
    assert f"{srp.k:x}" == "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"


@pytest.mark.slow
@given(st.integers(min_value=0, max_value=srp.N))
def test_numbers_are_padded_as_java_pads_them(number: int) -> None:
    padded = srp.pad(number)
    assert int.from_bytes(padded, "big", signed=True) == number
    assert len(padded) == 1 or padded[0] != 0 or padded[1] & 0x80
    assert padded == bytes.fromhex(aws_srp.pad_hex(number))


# pycognito as the client, this package as the server
def pycognito_client(pool_id: str, username: str, password: str) -> Any:
    return aws_srp.AWSSRP(username=username, password=password, pool_id=pool_id, client_id="client", client=object())


def scrambling_length(A: int, B: int) -> int:
    return len(srp.pad(srp.scrambling_parameter(A, B)))


@pytest.mark.slow
def test_users_of_pycognito_prove_their_passwords() -> None:
    lengths = set()
    for number in range(PROOFS):
        chance = random.Random(number)
        password = "".join(chance.choices("aZ9 é日:", k=chance.randint(1, 40)))
        client = pycognito_client("eu-west-1_Abc123", f"user{number}", password)
        salt = chance.getrandbits(127) or 1
        x = srp.private_key(salt, "Abc123", f"user{number}", password)
        v, A = srp.verifier(x), client.large_a_value
        b = chance.getrandbits(srp.PRIVATE_BITS)
        B = srp.server_public_key(v, b)
        lengths.add(scrambling_length(A, B))
        block = chance.randbytes(64)
        answer = client.process_challenge(
            {
                "SALT": f"{salt:x}",
                "SRP_B": f"{B:x}",
                "SECRET_BLOCK": base64.b64encode(block).decode(),
                "USERNAME": f"user{number}",
                "USER_ID_FOR_SRP": f"user{number}",
            },
            {"USERNAME": f"user{number}"},
        )
        key = srp.server_session_key(A, B, v, b)
        expected = srp.signature(key, "Abc123", f"user{number}", block, answer["TIMESTAMP"])
        assert base64.b64encode(expected).decode() == answer["PASSWORD_CLAIM_SIGNATURE"]

        wrong = srp.verifier(srp.private_key(salt, "Abc123", f"user{number}", password + "x"))
        other = srp.server_session_key(A, srp.server_public_key(wrong, b), wrong, b)
        refused = srp.signature(other, "Abc123", f"user{number}", block, answer["TIMESTAMP"])
        assert base64.b64encode(refused).decode() != answer["PASSWORD_CLAIM_SIGNATURE"]
    assert {32, 33} <= lengths


@pytest.mark.slow
def test_devices_of_pycognito_prove_their_secrets() -> None:
    for number in range(PROOFS):
        chance = random.Random(number)
        key, group = f"eu-west-1_{number:08x}-0000-4000-8000-000000000000", f"-{number:08d}"
        client = pycognito_client("eu-west-1_Abc123", "ada", "unused")
        password, config = aws_srp.generate_hash_device(group, key)
        v, salt = big_endian(config["PasswordVerifier"]), big_endian(config["Salt"])
        assert srp.verifier(srp.private_key(salt, group, key, password)) == v
        b = chance.getrandbits(srp.PRIVATE_BITS)
        B, block = srp.server_public_key(v, b), chance.randbytes(64)
        challenge = {
            "SALT": f"{salt:x}",
            "SRP_B": f"{B:x}",
            "SECRET_BLOCK": base64.b64encode(block).decode(),
            "USERNAME": "ada",
            "DEVICE_KEY": key,
        }
        for given_password, right in ((password, True), (password + "x", False)):
            client.device_key, client.device_group_key, client.device_password = key, group, given_password
            answer = client.process_device_challenge(challenge)
            session_key = srp.server_session_key(client.large_a_value, B, v, b)
            expected = srp.signature(session_key, group, key, block, answer["TIMESTAMP"])
            assert (base64.b64encode(expected).decode() == answer["PASSWORD_CLAIM_SIGNATURE"]) is right


@pytest.mark.parametrize("length", [31, 32, 33])
def test_every_length_of_u_agrees_with_pycognito(length: int) -> None:
    chance = random.Random(length)
    client = pycognito_client("eu-west-1_Abc123", "ada", "Correct-horse-7")
    salt = 1 << 100
    v, A = srp.verifier(srp.private_key(salt, "Abc123", "ada", "Correct-horse-7")), client.large_a_value
    # u depends on A and B only: any B below N will do to find one, and no power is needed for it.
    B = next(B for B in iter(lambda: chance.randrange(1, srp.N), 0) if scrambling_length(A, B) == length)
    key = client.get_password_authentication_key("ada", "Correct-horse-7", B, f"{salt:x}")
    x = srp.private_key(salt, "Abc123", "ada", "Correct-horse-7")
    assert srp.client_session_key(client.small_a_value, A, B, x) == key
    assert v


@settings(max_examples=100 if NIGHTLY else 25)
@given(st.binary(min_size=1, max_size=40), st.integers(1, srp.N - 1), st.text(max_size=40), st.text(max_size=40))
def test_both_sides_agree_on_the_right_password_only(seed: bytes, salt: int, password: str, wrong: str) -> None:
    chance = random.Random(seed)
    a, b = chance.getrandbits(256), chance.getrandbits(256)
    x = srp.private_key(salt, "-group", "device", password)
    v = srp.verifier(x)
    A, B = srp.client_public_key(a), srp.server_public_key(v, b)
    server = srp.server_session_key(A, B, v, b)
    assert len(server) == 16
    assert srp.client_session_key(a, A, B, x) == server
    other = srp.private_key(salt, "-group", "device", wrong)
    assert (srp.client_session_key(a, A, B, other) == server) is (password == wrong)


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_a_multiple_of_n_is_no_public_key(multiple: int) -> None:
    assert not srp.is_public_key(multiple * srp.N)
    assert srp.is_public_key(multiple * srp.N + 1)
    with pytest.raises(ValueError, match=r"^A is a multiple of N$"):
        srp.server_session_key(multiple * srp.N, 3, 4, 5)
    with pytest.raises(ValueError, match=r"^B is a multiple of N$"):
        srp.client_session_key(5, 3, multiple * srp.N, 4)


def test_constant_time_equal_compares_the_whole() -> None:
    assert constant_time_equal(b"\x01" * 32, b"\x01" * 32)
    assert not constant_time_equal(b"\x01" * 32, b"\x01" * 31)
    assert not constant_time_equal(b"\x01" * 32, b"\x01" * 31 + b"\x02")


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31)))
def test_what_is_written_is_exact(moment: datetime) -> None:
    assert srp.is_exact_timestamp(srp.timestamp(moment.replace(tzinfo=timezone.utc)))


@given(st.text(max_size=40))
def test_other_text_is_no_timestamp(text: str) -> None:
    with pytest.raises(ValueError, match="is not in the form"):
        srp.is_exact_timestamp(text)
