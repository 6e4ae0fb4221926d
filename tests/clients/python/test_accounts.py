"""The life of a connected account without a browser."""

from datetime import datetime, timedelta, timezone

import pytest
from scalekit.common.exceptions import ScalekitNotFoundException
from scalekit.v1.connected_accounts.connected_accounts_pb2 import (
    AuthorizationDetails,
    ConnectorStatus,
    CreateConnectedAccount,
    OauthToken,
    UpdateConnectedAccount,
)

TOKENS = {"oauth_token": {"access_token": "at-1", "refresh_token": "rt-1", "scopes": ["profile"]}}
KEY = {"static_auth": {"api_key": "test-key-good"}}
CONFIG_KEYS = {"version", "domain", "custom_headers", "custom_auth_header", "api_endpoint"}


def is_recent(moment):
    return abs(datetime.now(timezone.utc).replace(tzinfo=None) - moment) < timedelta(minutes=5)


def test_an_account_without_a_credential_waits_for_its_user(actions, identifier):
    account = actions.create_connected_account("test", identifier).connected_account
    assert account.id.startswith("ca_")
    assert len(account.id) <= 32
    assert (account.identifier, account.connector, account.status) == (identifier, "test", "PENDING_AUTH")
    assert account.authorization_type == "OAUTH"
    assert is_recent(account.updated_at)


def test_an_empty_token_is_no_credential(client, identifier):
    empty = CreateConnectedAccount(authorization_details=AuthorizationDetails(oauth_token=OauthToken()))
    created = client.connected_accounts.create_connected_account("test", identifier, empty)[0].connected_account
    assert created.status == ConnectorStatus.PENDING_AUTH


def test_details_without_any_case_are_no_credential_and_come_back(client, identifier):
    sloppy = CreateConnectedAccount(authorization_details=AuthorizationDetails())
    accounts = client.connected_accounts
    created = accounts.create_connected_account("testkey", identifier, sloppy)[0].connected_account
    assert created.status == ConnectorStatus.PENDING_AUTH
    assert created.HasField("authorization_details")

    sloppy = UpdateConnectedAccount(authorization_details=AuthorizationDetails())
    updated = accounts.update_connected_account("testkey", identifier, sloppy)[0].connected_account
    assert (updated.id, updated.status) == (created.id, ConnectorStatus.PENDING_AUTH)
    assert updated.HasField("authorization_details")


def test_tokens_that_are_imported_make_an_account_active_and_come_back(actions, identifier):
    created = actions.create_connected_account("test", identifier, authorization_details=TOKENS).connected_account
    assert created.status == "ACTIVE"
    token = actions.get_connected_account("test", identifier).connected_account.authorization_details["oauth_token"]
    assert (token["access_token"], token["refresh_token"], token["scopes"]) == ("at-1", "rt-1", ["profile"])


def test_a_key_that_is_imported_makes_an_account_active_and_comes_back(actions, identifier):
    created = actions.create_connected_account("testkey", identifier, authorization_details=KEY).connected_account
    assert (created.status, created.authorization_type) == ("ACTIVE", "API_KEY")
    read = actions.get_connected_account("testkey", identifier).connected_account
    assert read.authorization_details["static_auth"]["api_key"] == "test-key-good"


def test_details_are_the_account_without_its_credential(actions, identifier):
    actions.create_connected_account("test", identifier, authorization_details=TOKENS)
    details = actions.get_connected_account_details("test", identifier).connected_account
    assert (details.identifier, details.status) == (identifier, "ACTIVE")
    assert "at-1" not in str(details)
    assert "rt-1" not in str(details)


def test_get_or_create_returns_the_same_account_each_time(actions, identifier):
    first = actions.get_or_create_connected_account("test", identifier).connected_account
    second = actions.get_or_create_connected_account("TEST", identifier).connected_account
    assert (first.id, first.status) == (second.id, "PENDING_AUTH")
    assert second.connector == "test"


def test_get_or_create_with_a_credential_brings_an_existing_account_up_to_date(actions, identifier):
    pending = actions.get_or_create_connected_account("test", identifier).connected_account
    active = actions.upsert_connected_account("test", identifier, authorization_details=TOKENS).connected_account
    assert (active.id, active.status) == (pending.id, "ACTIVE")
    newer = {"oauth_token": {"access_token": "at-2"}}
    actions.upsert_connected_account("test", identifier, authorization_details=newer)
    read = actions.get_connected_account("test", identifier).connected_account
    assert read.authorization_details["oauth_token"]["access_token"] == "at-2"


def test_an_account_is_read_updated_and_deleted_by_its_id_alone(client, actions, identifier):
    account_id = actions.create_connected_account("test", identifier).connected_account.id
    tokens = UpdateConnectedAccount(
        authorization_details=AuthorizationDetails(oauth_token=OauthToken(access_token="at-1"))
    )
    accounts = client.connected_accounts
    updated = accounts.update_connected_account(None, None, tokens, connected_account_id=account_id)
    account = updated[0].connected_account
    assert (account.id, account.status) == (account_id, ConnectorStatus.ACTIVE)
    assert actions.get_connected_account(connected_account_id=account_id).connected_account.identifier == identifier
    assert actions.get_connected_account_details(connected_account_id=account_id).connected_account.id == account_id

    actions.delete_connected_account(connected_account_id=account_id)
    with pytest.raises(ScalekitNotFoundException):
        actions.get_connected_account(connected_account_id=account_id)


def test_a_deleted_account_can_be_created_again_and_is_another_one(actions, identifier):
    first = actions.create_connected_account("test", identifier, authorization_details=TOKENS).connected_account
    actions.delete_connected_account("test", identifier)
    second = actions.create_connected_account("test", identifier).connected_account
    assert second.id != first.id
    assert second.status == "PENDING_AUTH"
    read = actions.get_connected_account("test", identifier).connected_account
    assert "at-1" not in str(read.authorization_details)


def test_the_connection_is_found_without_regard_to_case(actions, identifier):
    created = actions.create_connected_account("GMAIL", identifier).connected_account
    assert (created.connector, created.provider) == ("gmail", "GMAIL")
    assert actions.get_connected_account("Gmail", identifier).connected_account.id == created.id
    actions.delete_connected_account("gMaIl", identifier)


def test_gmail_answers_with_all_its_settings_and_null_for_those_not_set(actions, identifier):
    created = actions.create_connected_account("gmail", identifier, api_config={"version": "v1"}).connected_account
    assert created.api_config == dict.fromkeys(CONFIG_KEYS) | {"version": "v1"}
    assert actions.get_connected_account("gmail", identifier).connected_account.api_config == created.api_config


def test_settings_are_merged_and_the_credential_stays(actions, identifier):
    actions.create_connected_account(
        "gmail", identifier, authorization_details=TOKENS, api_config={"version": "v1", "domain": "acme.example"}
    )
    changed = {"domain": "other.example", "custom_headers": {"x-team": "red"}}
    updated = actions.update_connected_account("gmail", identifier, api_config=changed).connected_account
    assert updated.status == "ACTIVE"
    read = actions.get_connected_account("gmail", identifier).connected_account
    assert read.api_config == updated.api_config == dict.fromkeys(CONFIG_KEYS) | {"version": "v1"} | changed
    assert read.authorization_details["oauth_token"]["access_token"] == "at-1"


def test_a_credential_is_replaced_and_the_settings_stay(actions, identifier):
    actions.create_connected_account("gmail", identifier, api_config={"domain": "acme.example"})
    actions.update_connected_account("gmail", identifier, authorization_details=TOKENS)
    read = actions.get_connected_account("gmail", identifier).connected_account
    assert (read.status, read.api_config["domain"]) == ("ACTIVE", "acme.example")


def test_a_credential_and_settings_are_changed_together(actions, identifier):
    actions.create_connected_account("gmail", identifier, api_config={"version": "v1"})
    actions.update_connected_account(
        "gmail", identifier, authorization_details=TOKENS, api_config={"domain": "acme.example"}
    )
    read = actions.get_connected_account("gmail", identifier).connected_account
    assert read.status == "ACTIVE"
    assert (read.api_config["version"], read.api_config["domain"]) == ("v1", "acme.example")


def test_a_link_creates_the_account_that_is_missing_and_says_when_it_ends(actions, identifier):
    answer = actions.get_authorization_link(connection_name="test", identifier=identifier)
    account = actions.get_connected_account("test", identifier).connected_account
    assert account.status == "PENDING_AUTH"
    left = answer.expiry - datetime.now(timezone.utc).replace(tzinfo=None)
    assert timedelta(hours=23) < left <= timedelta(hours=24, minutes=1)
    by_id = actions.get_authorization_link(connected_account_id=account.id)
    assert by_id.link != answer.link


def test_a_link_carries_a_secret_of_at_least_128_bits(actions, identifier):
    links = {actions.get_authorization_link(connection_name="test", identifier=identifier).link for _ in range(5)}
    assert len(links) == 5
    assert all(len(link.rsplit("/", 1)[1]) >= 22 for link in links)


def test_t61_what_belongs_to_one_user_is_never_given_for_another(actions, identifier):
    others = [f"{identifier}-{number}" for number in range(3)]
    for other in others:
        tokens = {"oauth_token": {"access_token": f"at-of-{other}"}}
        actions.create_connected_account("test", other, authorization_details=tokens)
    for other in others:
        read = actions.get_connected_account("test", other).connected_account
        assert read.authorization_details["oauth_token"]["access_token"] == f"at-of-{other}"
    with pytest.raises(ScalekitNotFoundException):
        actions.get_connected_account("test", identifier)
