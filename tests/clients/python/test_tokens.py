"""The tokens that this server issues to applications."""

import json
import time

import jwt
import pytest
import requests
from scalekit.common.scalekit import TokenValidationOptions


def test_the_sdk_validates_a_token_with_the_published_keys(client, access):
    token = client.get_client_access_token()
    assert client.validate_access_token(token)
    claims = client.validate_access_token_and_get_claims(token, TokenValidationOptions(issuer=access.url))
    assert claims["sub"]
    assert claims["client_id"] == access.client_id
    assert claims["exp"] - claims["iat"] == 3600
    assert isinstance(claims["scopes"], list)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


def test_a_token_with_a_changed_byte_is_refused_by_the_sdk_and_by_the_server(client, access):
    head, body, signature = client.get_client_access_token().split(".")
    forged = ".".join((head, body, signature[:-8] + signature[-8:].swapcase()))
    assert not client.validate_access_token(forged)
    answer = requests.get(
        f"{access.url}/api/v1/connected_accounts", headers={"authorization": f"Bearer {forged}"}, timeout=10
    )
    assert answer.status_code == 401


def test_the_keys_are_rsa_keys_for_signatures_without_a_private_part(access):
    keys = requests.get(f"{access.url}/keys", timeout=10).json()["keys"]
    assert keys
    for key in keys:
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        assert key["kid"]
        assert set(key) <= {"kty", "alg", "use", "kid", "n", "e"}


def test_a_token_of_one_server_says_nothing_to_another(client, brief_access):
    foreign = client.get_client_access_token()
    answer = requests.get(
        f"{brief_access.url}/api/v1/connected_accounts", headers={"authorization": f"Bearer {foreign}"}, timeout=10
    )
    assert answer.status_code == 401


def test_a_client_logs_in_again_when_its_token_has_ended(brief_access, identifier):
    client = brief_access.sdk()
    first = client.core_client.access_token
    created = client.actions.create_connected_account("test", identifier).connected_account
    wait_until_refused(brief_access.url, first)
    read = client.actions.get_connected_account("test", identifier).connected_account
    assert read.id == created.id
    assert client.core_client.access_token != first


def test_t59_a_revoked_client_is_out_within_moments_with_its_tokens(access, operator):
    made = json.loads(operator("client", "create", "--environment", "dev", "--json"))
    token = log_in(access, made["client_id"], made["client_secret"]).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    assert requests.get(f"{access.url}/api/v1/connected_accounts", headers=headers, timeout=10).status_code == 200

    operator("client", "revoke", made["client_id"], "--environment", "dev")
    assert log_in(access, made["client_id"], made["client_secret"]).status_code == 401
    wait_until_refused(access.url, token, seconds=5)


def test_a_rotated_secret_works_at_once_and_the_old_one_as_long_as_the_operator_wants(access, operator):
    made = json.loads(operator("client", "create", "--environment", "dev", "--json"))
    client_id, first = made["client_id"], made["client_secret"]
    second = json.loads(operator("client", "rotate", client_id, "--environment", "dev", "--json"))["client_secret"]
    assert [log_in(access, client_id, secret).status_code for secret in (first, second)] == [200, 200]
    rotated = operator("client", "rotate", client_id, "--now", "--environment", "dev", "--json")
    third = json.loads(rotated)["client_secret"]
    assert [log_in(access, client_id, secret).status_code for secret in (first, second, third)] == [401, 401, 200]


def log_in(access, client_id, client_secret):
    fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return requests.post(f"{access.url}/oauth/token", data=fields, timeout=10)


def wait_until_refused(url, token, seconds=30):
    deadline = time.monotonic() + seconds
    headers = {"authorization": f"Bearer {token}"}
    while requests.get(f"{url}/api/v1/connected_accounts", headers=headers, timeout=10).status_code == 200:
        if time.monotonic() > deadline:
            pytest.fail("the token does not end")
        time.sleep(0.2)
