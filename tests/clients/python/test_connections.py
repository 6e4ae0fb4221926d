"""Connections of the environment through the SDK, and through REST where the SDK has no call."""

import secrets

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from scalekit.common.exceptions import ScalekitConflictException, ScalekitNotFoundException
from scalekit.v1.connections.connections_pb2 import (
    ConnectionType,
    CreateConnection,
    Flags,
    OAuthConnectionConfig,
    UpdateConnection,
)
from wire import rest_info

CONNECTIONS = "/api/v1/connections"


@pytest.fixture
def create(client, rest):
    """Creates connections that are deleted after the test."""
    made = []

    def make(provider_key="SLACK", type=ConnectionType.OAUTH, **wanted):
        connection = CreateConnection(provider_key=provider_key, type=type, **wanted)
        created = client.connection.create_environment_connection(connection, Flags(is_app=True))[0].connection
        made.append(created.id)
        return created

    yield make
    for connection_id in made:
        rest.call("DELETE", f"{CONNECTIONS}/{connection_id}")


def new_name():
    return f"Slack-{secrets.token_hex(4)}"


def update(client, connection, **config):
    """Changes the OAuth settings of a connection the way the SDK's own users do: key and type repeated."""
    change = UpdateConnection(
        provider_key=connection.provider_key, key_id=connection.key_id, type=connection.type,
        oauth_config=OAuthConnectionConfig(**config),
    )
    return client.connection.update_environment_connection(connection.id, change)[0].connection


def test_a_connection_without_a_name_gets_one_made_of_its_provider(create):
    made = create()
    assert made.id.startswith("conn_")
    assert made.key_id.startswith("slack-")
    assert (made.provider_key, made.type, made.enabled) == ("SLACK", ConnectionType.OAUTH, True)


def test_a_name_that_is_given_is_kept_as_written_and_taken_without_regard_to_case(create, client):
    name = new_name()
    made = create(key_id=name)
    assert made.key_id == name
    with pytest.raises(ScalekitConflictException):
        create(key_id=name.upper())
    read = client.connection.get_environment_connection(made.id)[0].connection
    assert (read.id, read.key_id, read.provider_key) == (made.id, name, "SLACK")
    assert read.create_time.seconds > 0


def test_the_redirect_uri_is_made_by_the_server_for_each_connection(create, access):
    made = create()
    assert made.oauth_config.redirect_uri == f"{access.url}/sso/v1/oauth/{made.id}/callback"


def test_settings_left_out_of_an_update_stay_and_the_secret_is_masked(create, client):
    made = create(key_id=new_name())
    secret = "s3cret-of-the-client-9876"
    changed = update(
        client, made,
        client_id=StringValue(value="client-1"), client_secret=StringValue(value=secret), scopes=["chat:write"],
    )
    assert changed.oauth_config.client_id.value == "client-1"
    assert secret not in str(changed)
    assert changed.oauth_config.client_secret.value.endswith("9876")

    again = update(client, made, client_id=StringValue(value="client-2"))
    assert again.oauth_config.client_id.value == "client-2"
    assert again.oauth_config.client_secret.value == changed.oauth_config.client_secret.value
    assert list(again.oauth_config.scopes) == ["chat:write"]
    read = client.connection.get_environment_connection(made.id)[0]
    assert secret not in str(read)


def test_app_connections_are_listed_by_page_provider_and_text(create, client):
    names = sorted(create(key_id=new_name()).key_id for _ in range(3))
    found, token = [], None
    while True:
        page = client.connection.list_app_connections(page_size=2, page_token=token, provider="SLACK")[0]
        assert {connection.provider_key for connection in page.connections} == {"SLACK"}
        found += [connection.key_id for connection in page.connections]
        token = page.next_page_token
        if not token:
            break
    assert set(names) <= set(found)
    assert len(found) == len(set(found)) == page.total_size

    searched = client.connection.list_app_connections(query=names[0].lower())[0]
    assert [connection.key_id for connection in searched.connections] == [names[0]]
    everything = client.connection.list_app_connections(page_size=30)[0]
    assert {"gmail", "test", "testkey"} <= {connection.key_id for connection in everything.connections}


def test_a_connection_is_disabled_and_enabled(create, actions, rest, identifier):
    made = create(key_id=new_name())
    link = {"connector": made.key_id, "identifier": identifier}
    actions.create_connected_account(made.key_id, identifier)
    assert rest.call("PATCH", f"{CONNECTIONS}/{made.id}:disable").json()["enabled"] is False
    refused = rest.post("/api/v1/connected_accounts/magic_link", link)
    assert (refused.status_code, rest_info(refused)["error_code"]) == (400, "CONNECTION_DISABLED")
    assert rest.call("PATCH", f"{CONNECTIONS}/{made.id}:enable").json()["enabled"] is True
    actions.delete_connected_account(made.key_id, identifier)


def test_a_connection_is_deleted_when_it_has_no_accounts(create, client, actions, rest, identifier):
    made = create(key_id=new_name())
    actions.create_connected_account(made.key_id, identifier)
    refused = rest.call("DELETE", f"{CONNECTIONS}/{made.id}")
    assert (refused.status_code, rest_info(refused)["error_code"]) == (400, "RESOURCE_IN_USE")

    actions.delete_connected_account(made.key_id, identifier)
    assert rest.call("DELETE", f"{CONNECTIONS}/{made.id}").status_code == 200
    with pytest.raises(ScalekitNotFoundException):
        client.connection.get_environment_connection(made.id)
    with pytest.raises(ScalekitNotFoundException):
        actions.get_authorization_link(connection_name=made.key_id, identifier=identifier)


def test_the_connection_of_another_tenant_is_not_found(create, other_tenant_access):
    made = create(key_id=new_name())
    stranger = other_tenant_access.sdk()
    with pytest.raises(ScalekitNotFoundException):
        stranger.connection.get_environment_connection(made.id)
    with pytest.raises(ScalekitNotFoundException):
        stranger.actions.get_authorization_link(connection_name=made.key_id, identifier="user")
