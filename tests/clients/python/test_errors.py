"""Each kind of error that this server gives, as an application sees it through the SDK and through REST."""

import grpc
import pytest
from scalekit.common.exceptions import (
    ScalekitBadRequestException,
    ScalekitConflictException,
    ScalekitNotFoundException,
    ScalekitNotImplementedException,
)
from scalekit.v1.connected_accounts.connected_accounts_pb2 import CreateConnectedAccount
from wire import info, rest_info, rest_violations, violations

ACCOUNTS = "/api/v1/connected_accounts"

BAD_REQUESTS = {
    "a number that is too large": (
        lambda client: client.connected_accounts.list_connected_accounts(page_size=100),
        lambda rest: rest.get(ACCOUNTS, page_size=100),
        {("page_size", "uint32.lt")},
    ),
    "a text that is too long": (
        lambda client: client.connected_accounts.get_connected_account_by_identifier("gmail", "x" * 101),
        lambda rest: rest.get(f"{ACCOUNTS}/auth", connector="gmail", identifier="x" * 101),
        {("identifier", "string.max_len")},
    ),
    "a name with forbidden characters": (
        lambda client: client.connected_accounts.get_connected_account_by_identifier("gm/ail", "user"),
        lambda rest: rest.get(f"{ACCOUNTS}/auth", connector="gm/ail", identifier="user"),
        {("connector", "string.pattern")},
    ),
    "an id of another kind": (
        lambda client: client.connected_accounts.delete_connected_account(None, None, connected_account_id="conn_1"),
        lambda rest: rest.post(f"{ACCOUNTS}:delete", {"id": "conn_1"}),
        {("id", "string.prefix")},
    ),
    "an element of a list": (
        lambda client: client.connected_accounts.list_connected_accounts(connection_names=["gmail", "no/such"]),
        lambda rest: rest.get(ACCOUNTS, connection_names=["gmail", "no/such"]),
        {("connection_names[1]", "string.pattern")},
    ),
    "a verify URL that is not one, and a state that is too long": (
        lambda client: client.connected_accounts.get_magic_link_for_connected_account(
            "gmail", "user", user_verify_url="javascript:alert(1)", state="s" * 513
        ),
        lambda rest: rest.post(
            f"{ACCOUNTS}/magic_link",
            {
                "connector": "gmail", "identifier": "user",
                "user_verify_url": "javascript:alert(1)", "state": "s" * 513,
            },
        ),
        {("user_verify_url", "string.pattern"), ("state", "string.max_len")},
    ),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_a_broken_rule_is_a_bad_request_that_names_the_field(case, client, rest):
    by_sdk, by_rest, expected = BAD_REQUESTS[case]
    with pytest.raises(ScalekitBadRequestException) as caught:
        by_sdk(client)
    error = caught.value
    assert error.grpc_status == grpc.StatusCode.INVALID_ARGUMENT
    assert (error.http_status, error.error_code) == (400, "INVALID_ARGUMENT")
    assert violations(error) == expected
    assert info(error).request_info.request_id
    for field, _ in expected:
        assert field in str(error)

    answer = by_rest(rest)
    assert (answer.status_code, answer.json()["code"]) == (400, grpc.StatusCode.INVALID_ARGUMENT.value[0])
    assert answer.json()["message"] == error.message
    assert rest_violations(answer) == expected
    assert rest_info(answer)["request_info"]["request_id"]


def test_a_lookup_that_names_nothing_is_a_bad_request(client):
    with pytest.raises(ScalekitBadRequestException) as caught:
        client.connected_accounts.get_connected_account_by_identifier(None, None)
    assert caught.value.error_code == "INVALID_ARGUMENT"


def test_a_filter_by_one_name_and_by_several_is_a_bad_request(client):
    with pytest.raises(ScalekitBadRequestException) as caught:
        client.connected_accounts.list_connected_accounts(connector="gmail", connection_names=["test"])
    assert violations(caught.value)


def test_an_unknown_json_field_is_refused_by_name(rest):
    answer = rest.post(f"{ACCOUNTS}:delete", {"connecter": "gmail"})
    assert answer.status_code == 400
    assert "connecter" in {field for field, _ in rest_violations(answer)}


def test_a_wrong_connection_name_is_not_found_and_the_right_one_is_suggested(client, rest):
    with pytest.raises(ScalekitNotFoundException) as caught:
        client.actions.get_authorization_link(connection_name="gmial", identifier="user")
    error = caught.value
    assert error.grpc_status == grpc.StatusCode.NOT_FOUND
    assert (error.http_status, error.error_code) == (404, "RESOURCE_NOT_FOUND")
    assert '"gmial"' in error.message
    assert 'did you mean "gmail"?' in error.message
    assert info(error).request_info.request_id

    answer = rest.post(f"{ACCOUNTS}/magic_link", {"connector": "gmial", "identifier": "user"})
    assert (answer.status_code, answer.json()["message"]) == (404, error.message)
    assert rest_info(answer)["error_code"] == "RESOURCE_NOT_FOUND"


def test_an_unknown_account_is_not_found_by_every_call_that_names_one(client, rest, identifier):
    accounts = client.connected_accounts
    unknown = "ca_00000000000000000000000000"
    calls = [
        lambda: accounts.get_connected_account_by_identifier("gmail", identifier),
        lambda: accounts.get_connected_account_details_by_identifier("gmail", identifier),
        lambda: accounts.get_connected_account_by_identifier(None, None, connected_account_id=unknown),
        lambda: accounts.delete_connected_account("gmail", identifier),
        lambda: accounts.delete_connected_account(None, None, connected_account_id=unknown),
        lambda: accounts.get_magic_link_for_connected_account(None, None, connected_account_id=unknown),
        lambda: client.actions.update_connected_account("gmail", identifier, api_config={"version": "v1"}),
    ]
    for call in calls:
        with pytest.raises(ScalekitNotFoundException) as caught:
            call()
        assert caught.value.error_code == "RESOURCE_NOT_FOUND"
    assert rest.get(f"{ACCOUNTS}/details", connector="gmail", identifier=identifier).status_code == 404


def test_an_unknown_request_to_verify_is_not_found_in_the_words_that_applications_look_for(client, rest):
    with pytest.raises(ScalekitNotFoundException) as caught:
        client.actions.verify_connected_account_user(auth_request_id="bm90aGluZw", identifier="user")
    assert "auth request not found or no longer valid" in caught.value.message
    answer = rest.post(f"{ACCOUNTS}/user/verify", {"auth_request_id": "bm90aGluZw", "identifier": "user"})
    assert answer.status_code == 404


def test_a_second_account_for_the_same_user_is_a_conflict(client, rest, identifier):
    client.connected_accounts.create_connected_account("gmail", identifier, CreateConnectedAccount())
    with pytest.raises(ScalekitConflictException) as caught:
        client.connected_accounts.create_connected_account("GMAIL", identifier, CreateConnectedAccount())
    error = caught.value
    assert error.grpc_status == grpc.StatusCode.ALREADY_EXISTS
    assert (error.http_status, error.error_code) == (409, "RESOURCE_ALREADY_EXISTS")

    body = {"connector": "gmail", "identifier": identifier, "connected_account": {}}
    answer = rest.post(ACCOUNTS, body)
    assert (answer.status_code, answer.json()["code"]) == (409, grpc.StatusCode.ALREADY_EXISTS.value[0])


def test_a_call_that_is_not_built_says_so(client, rest):
    with pytest.raises(ScalekitNotImplementedException) as caught:
        client.directory.list_directories("org_1")
    assert caught.value.grpc_status == grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.error_code == "NOT_IMPLEMENTED"
    answer = rest.call("DELETE", "/api/v1/tools/tol_1")
    assert (answer.status_code, rest_info(answer)["error_code"]) == (501, "NOT_IMPLEMENTED")


def test_a_path_that_does_not_exist_and_a_method_that_does_not_fit_are_json_errors(rest):
    unknown = rest.get("/api/v1/no-such-thing")
    assert (unknown.status_code, unknown.headers["content-type"].split(";")[0]) == (404, "application/json")
    wrong = rest.call("DELETE", ACCOUNTS)
    assert wrong.status_code == 405
    assert {"GET", "POST", "PUT"} <= {method.strip() for method in wrong.headers["allow"].split(",")}


def test_t60_another_tenant_sees_not_found_for_what_exists(client, other_tenant_access, identifier):
    created = client.actions.create_connected_account(
        "test", identifier, authorization_details={"oauth_token": {"access_token": "test-token"}}
    ).connected_account
    stranger = other_tenant_access.sdk()
    unknown = "ca_" + "0" * (len(created.id) - 3)
    said = []
    for account in (created.id, unknown):
        with pytest.raises(ScalekitNotFoundException) as caught:
            stranger.connected_accounts.get_connected_account_by_identifier(None, None, connected_account_id=account)
        said.append(caught.value.message.replace(account, "ID"))
        with pytest.raises(ScalekitNotFoundException):
            stranger.connected_accounts.delete_connected_account(None, None, connected_account_id=account)
    assert said[0] == said[1]
    assert client.actions.get_connected_account("test", identifier).connected_account.id == created.id
