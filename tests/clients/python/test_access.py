"""Who gets in: credentials of applications, their tokens, and what they permit."""

import grpc
import pytest
import requests
from scalekit import ScalekitClient
from scalekit.common.exceptions import ScalekitForbiddenException, ScalekitUnauthorizedException
from scalekit.v1.connected_accounts.connected_accounts_pb2 import GetConnectedAccountByIdentifierRequest
from scalekit.v1.connected_accounts.connected_accounts_pb2_grpc import ConnectedAccountServiceStub
from wire import rest_info

ACCOUNTS = "/api/v1/connected_accounts"


def test_a_client_that_may_only_read_is_forbidden_to_write(client, reader_access, identifier):
    tokens = {"oauth_token": {"access_token": "at-secret"}}
    client.actions.create_connected_account("test", identifier, authorization_details=tokens)
    reader = reader_access.sdk()
    details = reader.actions.get_connected_account_details("test", identifier).connected_account
    assert details.status == "ACTIVE"

    calls = [
        lambda: reader.actions.delete_connected_account("test", identifier),
        lambda: reader.actions.get_authorization_link(connection_name="test", identifier=identifier),
        lambda: reader.connection.list_app_connections(),
    ]
    for call in calls:
        with pytest.raises(ScalekitForbiddenException) as caught:
            call()
        error = caught.value
        assert error.grpc_status == grpc.StatusCode.PERMISSION_DENIED
        assert (error.http_status, error.error_code) == (403, "PERMISSION_DENIED")
    answer = reader_access.rest().post(f"{ACCOUNTS}:delete", {"connector": "test", "identifier": identifier})
    assert (answer.status_code, rest_info(answer)["error_code"]) == (403, "PERMISSION_DENIED")


def test_a_client_that_may_only_read_does_not_get_credentials(client, reader_access, identifier):
    tokens = {"oauth_token": {"access_token": "at-secret"}}
    client.actions.create_connected_account("test", identifier, authorization_details=tokens)
    try:
        seen = str(reader_access.sdk().actions.get_connected_account("test", identifier))
    except ScalekitForbiddenException as refused:
        seen = str(refused)
    assert "at-secret" not in seen


def test_wrong_credentials_of_the_application_stop_the_client_from_starting(access):
    for client_id, secret in [(access.client_id, "wrong"), ("skc_0000", access.client_secret)]:
        with pytest.raises(ScalekitUnauthorizedException):
            ScalekitClient(access.url, client_id, secret)
        answer = requests.post(
            f"{access.url}/oauth/token",
            data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret},
            timeout=10,
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["cache-control"] == "no-store"


def test_a_token_request_that_is_not_one_is_explained_as_rfc_6749_says(access):
    fields = {"client_id": access.client_id, "client_secret": access.client_secret}
    for grant, error in [("password", "unsupported_grant_type"), (None, "invalid_request")]:
        data = fields | ({"grant_type": grant} if grant else {})
        answer = requests.post(f"{access.url}/oauth/token", data=data, timeout=10)
        assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_stale_bearer_header_does_not_disturb_the_token_endpoint(access):
    answer = requests.post(
        f"{access.url}//oauth/token",
        headers={"authorization": "Bearer stale"},
        data={
            "grant_type": "client_credentials",
            "client_id": access.client_id,
            "client_secret": access.client_secret,
        },
        timeout=10,
    )
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600


@pytest.mark.parametrize("authorization", [[], ["Bearer nonsense"], ["Basic Zm9vOmJhcg=="]])
def test_no_call_is_looked_at_before_its_token(client, access, authorization):
    core = client.core_client
    with grpc.secure_channel(core.host, grpc.ssl_channel_credentials()) as channel:
        metadata = [("authorization", value) for value in authorization]
        breaks_rules = GetConnectedAccountByIdentifierRequest(identifier="x" * 101)
        calls = [
            lambda: ConnectedAccountServiceStub(channel).GetConnectedAccountAuth(breaks_rules, metadata=metadata),
            lambda: channel.unary_unary("/scalekit.v1.tools.ToolService/ListTools")(b"", metadata=metadata),
            lambda: channel.unary_unary("/scalekit.v1.tools.ToolService/NoSuchCall")(b"", metadata=metadata),
        ]
        for call in calls:
            with pytest.raises(grpc.RpcError) as caught:
                call()
            assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED

    headers = {"authorization": authorization[0]} if authorization else {}
    for path in (f"{ACCOUNTS}/auth?identifier={'x' * 101}", "/api/v1/tools"):
        answer = requests.get(access.url + path, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, grpc.StatusCode.UNAUTHENTICATED.value[0])
        assert rest_info(answer)["error_code"] == "UNAUTHENTICATED"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_only_the_first_of_two_tokens_counts(client, rest):
    with grpc.secure_channel(client.core_client.host, grpc.ssl_channel_credentials()) as channel:
        stub = ConnectedAccountServiceStub(channel)
        good, bad = ("authorization", f"Bearer {rest.token}"), ("authorization", "Bearer stale")
        request = GetConnectedAccountByIdentifierRequest(connector="gmail", identifier="nobody")
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetConnectedAccountDetails(request, metadata=[good, bad])
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetConnectedAccountDetails(request, metadata=[bad, good])
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
