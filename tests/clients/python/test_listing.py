"""Finding accounts: filters, pages, search."""

import pytest
from scalekit.v1.connected_accounts.connected_accounts_pb2 import ConnectorStatus

TOKENS = {"oauth_token": {"access_token": "at-1"}}


@pytest.fixture
def seven(actions, organization, identifier):
    """Seven accounts of one organization: five on `test`, two on `gmail`, one of them active."""
    names = [f"{identifier}-{number}" for number in range(7)]
    for number, name in enumerate(names):
        actions.create_connected_account(
            "gmail" if number >= 5 else "test", name, organization_id=organization,
            authorization_details=TOKENS if number == 0 else None,
        )
    return names


def walk(client, **filters):
    """All pages: the identifiers of each."""
    pages, token, previous = [], None, []
    while True:
        page = client.connected_accounts.list_connected_accounts(page_token=token, **filters)[0]
        pages.append([account.identifier for account in page.connected_accounts])
        previous.append(page.prev_page_token)
        assert len(page.next_page_token) <= 32
        token = page.next_page_token
        if not token:
            return pages, previous


def test_pages_cover_everything_once_and_say_how_many_there_are(client, organization, seven):
    pages, previous = walk(client, organization_id=organization, page_size=3)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(sum(pages, [])) == sorted(seven)
    assert previous[0] == ""
    assert all(previous[1:])
    back = client.connected_accounts.list_connected_accounts(
        organization_id=organization, page_size=3, page_token=previous[1]
    )[0]
    assert [account.identifier for account in back.connected_accounts] == pages[0]
    assert back.total_size == 7


def test_a_page_without_a_size_holds_about_ten(client, organization, seven):
    pages, _ = walk(client, organization_id=organization)
    assert [len(page) for page in pages] == [7]


def test_filters_narrow_the_list_by_connection_user_and_provider(client, actions, organization, seven):
    def listed(**filters):
        page = client.connected_accounts.list_connected_accounts(organization_id=organization, **filters)[0]
        return sorted(account.identifier for account in page.connected_accounts)

    assert listed(connector="TEST") == seven[:5]
    assert listed(connection_names=["gmail"]) == seven[5:]
    assert listed(connection_names=["gmail", "test"]) == seven
    assert listed(provider="GMAIL") == seven[5:]
    assert listed(identifier=seven[3]) == [seven[3]]
    assert listed(identifier="nobody") == []
    assert actions.list_connected_accounts(identifier="nobody").total_count is None


def test_a_listed_account_shows_its_state_and_no_credential(client, seven):
    page = client.connected_accounts.list_connected_accounts(identifier=seven[0])[0]
    (account,) = page.connected_accounts
    assert account.status == ConnectorStatus.ACTIVE
    assert account.id.startswith("ca_")
    assert account.connection_id.startswith("conn_")
    assert (account.connector, account.updated_at.seconds > 0) == ("test", True)
    assert "at-1" not in str(page)


def test_search_finds_by_part_of_the_identifier(rest, identifier, seven):
    answer = rest.get("/api/v1/connected_accounts:search", query=identifier, page_size=30)
    assert answer.status_code == 200
    assert sorted(account["identifier"] for account in answer.json()["connected_accounts"]) == seven
    by_list = rest.get("/api/v1/connected_accounts", query=seven[6])
    assert [account["identifier"] for account in by_list.json()["connected_accounts"]] == [seven[6]]


def test_a_text_narrows_what_the_other_filters_leave(rest, organization, identifier, seven):
    def found(**filters):
        answer = rest.get("/api/v1/connected_accounts", query=identifier, page_size=30, **filters)
        return sorted(account["identifier"] for account in answer.json()["connected_accounts"])

    assert found(organization_id=organization) == seven
    assert found(organization_id="another") == []
    assert found(connector="gmail") == seven[5:]
    assert found(connection_names=["testkey", "gmail"]) == seven[5:]
    assert found(provider="GMAIL") == seven[5:]
    assert found(user_id="nobody") == []


def test_a_page_token_that_is_not_one_is_a_bad_request(rest):
    answer = rest.get("/api/v1/connected_accounts", page_token="not-a-token")
    assert answer.status_code == 400
    assert answer.json()["message"]
