"""The catalogue of providers, and custom ones."""

import secrets

import pytest
from scalekit.actions.types import (
    AuthField,
    AuthPattern,
    CreateCustomProviderRequest,
    DeleteCustomProviderRequest,
    ListProvidersRequest,
    OAuthConfig,
    UpdateCustomProviderRequest,
)
from scalekit.common.exceptions import ScalekitBadRequestException, ScalekitNotFoundException
from scalekit.v1.connections.connections_pb2 import ConnectionType, CreateConnection, Flags
from scalekit.v1.providers.providers_pb2 import ProviderType

KEY = AuthPattern(
    type="API_KEY",
    display_name="API Key",
    description="A key of your account",
    fields=[AuthField(field_name="api_key", label="Key", input_type="password", required=True)],
    auth_header_key_override="x-api-key",
)


@pytest.fixture
def providers(actions):
    return actions.providers


@pytest.fixture
def custom(providers):
    """A custom provider that is deleted after the test, if the test did not do it."""
    name = f"Weather {secrets.token_hex(4)}"
    created = providers.create_custom_provider(
        CreateCustomProviderRequest(
            display_name=name, proxy_url="https://weather.example/api", description="Weather of today",
            auth_patterns=[KEY], metadata={"team": "red", "tier": "gold"},
        )
    ).provider
    yield created
    try:
        providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=created.identifier))
    except ScalekitNotFoundException:
        pass


def every(providers, provider_type=None):
    """All providers of a kind by identifier, page by page."""
    found, token = {}, None
    while True:
        page = providers.list_providers(
            ListProvidersRequest(provider_type=provider_type, page_size=100, page_token=token)
        )
        found |= {provider.identifier: provider for provider in page.providers}
        token = page.next_page_token
        if not token:
            return found


def test_a_custom_provider_comes_back_as_it_was_given(custom):
    assert custom.identifier
    assert custom.is_custom
    assert not custom.is_custom_mcp
    assert (custom.proxy_url, custom.description) == ("https://weather.example/api", "Weather of today")
    assert custom.metadata == {"team": "red", "tier": "gold"}
    (pattern,) = custom.auth_patterns
    assert pattern.to_dict() == KEY.to_dict()


def test_what_the_server_does_not_know_in_a_pattern_is_kept(providers):
    pattern = AuthPattern(type="BEARER", display_name="Token", is_mcp=True, house_style="plain", fields=[
        AuthField(field_name="token", input_type="password", colour="blue"),
    ])
    created = providers.create_custom_provider(
        CreateCustomProviderRequest(
            display_name=f"Notes MCP {secrets.token_hex(4)}", proxy_url="https://notes.example/mcp",
            auth_patterns=[pattern],
        )
    ).provider
    assert created.is_custom_mcp
    assert created.auth_patterns[0].to_dict() == pattern.to_dict()
    providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=created.identifier))


def test_an_update_keeps_what_it_leaves_out_except_the_metadata(providers, custom):
    updated = providers.update_custom_provider(
        UpdateCustomProviderRequest(
            identifier=custom.identifier, display_name=custom.display_name, proxy_url="https://weather.example/v2"
        )
    ).provider
    assert updated.identifier == custom.identifier
    assert (updated.proxy_url, updated.description) == ("https://weather.example/v2", "Weather of today")
    assert updated.auth_patterns[0].to_dict() == KEY.to_dict()
    assert updated.proxy_enabled == custom.proxy_enabled
    assert updated.metadata == {}


def test_the_list_shows_the_catalogue_unless_asked_for_more(providers, custom):
    catalogue = every(providers)
    assert {"GMAIL", "SLACK", "HUBSPOT"} <= set(catalogue)
    assert custom.identifier not in catalogue
    assert set(every(providers, ProviderType.DEFAULT)) == set(catalogue)
    mine = every(providers, ProviderType.CUSTOM)
    assert custom.identifier in mine
    assert not set(mine) & set(catalogue)
    assert set(every(providers, ProviderType.ALL)) == set(mine) | set(catalogue)


def test_the_catalogue_says_how_a_user_connects(providers):
    catalogue = every(providers)
    gmail = catalogue["GMAIL"].auth_patterns[0]
    assert gmail.type == "OAUTH"
    assert gmail.oauth_config.authorize_uri.startswith("https://accounts.google.com/")
    (datadog,) = catalogue["DATADOG"].auth_patterns
    assert sum(1 for field in datadog.fields if field.header_name) == 2


def test_a_deleted_provider_is_gone(providers, custom):
    providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=custom.identifier))
    assert custom.identifier not in every(providers, ProviderType.ALL)
    with pytest.raises(ScalekitNotFoundException):
        providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=custom.identifier))


def test_the_provider_of_another_tenant_cannot_be_seen_or_changed(other_tenant_access, custom):
    providers = other_tenant_access.sdk().actions.providers
    assert custom.identifier not in every(providers, ProviderType.ALL)
    with pytest.raises(ScalekitNotFoundException):
        providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=custom.identifier))


def test_a_provider_without_any_way_to_connect_or_with_a_bad_name_is_refused(client):
    raw = client.actions._providers_client
    with pytest.raises(ScalekitBadRequestException):
        raw.create_custom_provider(display_name="No/slash", proxy_url="https://weather.example", auth_patterns=[KEY])
    with pytest.raises(ScalekitBadRequestException):
        raw.create_custom_provider(display_name="Plain", proxy_url="http://weather.example", auth_patterns=[KEY])


def test_a_user_connects_to_a_custom_provider_with_the_key_it_asks_for(
    client, rest, actions, providers, custom, identifier
):
    wanted = CreateConnection(provider_key=custom.identifier, type=ConnectionType.API_KEY)
    made = client.connection.create_environment_connection(wanted, Flags(is_app=True))[0].connection
    account = actions.create_connected_account(
        made.key_id, identifier, authorization_details={"static_auth": {"api_key": "k"}}
    ).connected_account
    assert (account.status, account.authorization_type) == ("ACTIVE", "API_KEY")
    with pytest.raises(ScalekitBadRequestException) as caught:
        providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=custom.identifier))
    assert caught.value.error_code == "RESOURCE_IN_USE"

    actions.delete_connected_account(connected_account_id=account.id)
    assert rest.call("DELETE", f"/api/v1/connections/{made.id}").status_code == 200


def test_an_oauth_provider_that_finds_its_endpoints_itself_is_accepted(providers):
    created = providers.create_custom_provider(
        CreateCustomProviderRequest(
            display_name=f"Code MCP {secrets.token_hex(4)}", proxy_url="https://code.example/mcp",
            auth_patterns=[AuthPattern(type="OAUTH", display_name="OAuth", is_mcp=True, oauth_config=OAuthConfig())],
        )
    ).provider
    assert created.is_custom_mcp
    assert created.auth_patterns[0].oauth_config.pkce_enabled
    providers.delete_custom_provider(DeleteCustomProviderRequest(identifier=created.identifier))
