"""Organizations and the accounts that belong to them."""

import secrets

import pytest
from scalekit.common.exceptions import ScalekitConflictException, ScalekitNotFoundException
from scalekit.v1.organizations.organizations_pb2 import CreateOrganization, UpdateOrganization

TOKENS = {"oauth_token": {"access_token": "at-1"}}


def test_an_organization_is_created_read_changed_listed_and_deleted(client):
    organizations = client.organization
    external = f"customer-{secrets.token_hex(6)}"
    wanted = CreateOrganization(display_name="Acme", external_id=external, metadata={"plan": "team"})
    created = organizations.create_organization(wanted)[0].organization
    assert created.id.startswith("org_")
    assert (created.display_name, created.external_id, dict(created.metadata)) == ("Acme", external, {"plan": "team"})
    assert created.create_time.seconds > 0

    assert organizations.get_organization(created.id)[0].organization.display_name == "Acme"
    assert organizations.get_organization_by_external_id(external)[0].organization.id == created.id

    changed = organizations.update_organization(created.id, UpdateOrganization(display_name="Acme Inc"))
    assert changed[0].organization.display_name == "Acme Inc"
    assert dict(changed[0].organization.metadata) == {"plan": "team"}

    token, listed = "", []
    while True:
        page = organizations.list_organizations(page_size=10, page_token=token)[0]
        listed += [organization.id for organization in page.organizations]
        token = page.next_page_token
        if not token:
            break
    assert listed.count(created.id) == 1

    with pytest.raises(ScalekitConflictException):
        organizations.create_organization(wanted)
    organizations.delete_organization(created.id)
    with pytest.raises(ScalekitNotFoundException):
        organizations.get_organization(created.id)


def test_accounts_go_with_their_organization(client, actions, organization, identifier):
    account = actions.create_connected_account(
        "test", identifier, authorization_details=TOKENS, organization_id=organization
    ).connected_account
    client.organization.delete_organization(organization)
    with pytest.raises(ScalekitNotFoundException):
        actions.get_connected_account(connected_account_id=account.id)
    with pytest.raises(ScalekitNotFoundException):
        actions.get_connected_account("test", identifier)


def test_an_account_of_an_organization_is_found_without_naming_it(actions, organization, identifier):
    created = actions.create_connected_account(
        "test", identifier, organization_id=organization, user_id="u-1"
    ).connected_account
    assert actions.get_connected_account("test", identifier).connected_account.id == created.id
    again = actions.get_or_create_connected_account(
        "test", identifier, organization_id=organization, user_id="u-1", authorization_details=TOKENS
    ).connected_account
    assert (again.id, again.status) == (created.id, "ACTIVE")
    listed = actions.list_connected_accounts(connection_name="test", identifier=identifier).connected_accounts
    assert len(listed) == 1


def test_an_account_is_not_found_under_another_organization(client, actions, organization, identifier):
    actions.create_connected_account("test", identifier, organization_id=organization)
    accounts = client.connected_accounts
    with pytest.raises(ScalekitNotFoundException):
        accounts.get_connected_account_by_identifier("test", identifier, organization_id="org_0000000000")
    listed = accounts.list_connected_accounts(organization_id=organization)[0]
    assert [account.identifier for account in listed.connected_accounts] == [identifier]
