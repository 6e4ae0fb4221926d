"""What a client authenticates with."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from server import Reply, Server

from valetkey import AgentConnect, AuthenticationError

REFUSED = Reply(401, {"code": "UNAUTHENTICATED", "message": "a valid bearer token is required"})


def granted(token: str, lifetime: int = 3600) -> Reply:
    return Reply(value={"access_token": token, "token_type": "bearer", "expires_in": lifetime})


def with_secret(server: Server) -> AgentConnect:
    return AgentConnect(server.url, client_id="skc_1", client_secret="vks_secret")


def test_an_api_token_is_sent_as_it_is(client: AgentConnect, server: Server) -> None:
    client.accounts.get("ca_1")
    assert server.asked[0].headers["authorization"] == "Bearer vkt_token"


def test_client_credentials_are_exchanged_once(server: Server) -> None:
    server.replies = [granted("one"), Reply()]
    with with_secret(server) as client:
        client.accounts.get("ca_1")
        client.accounts.get("ca_2")
    assert [asked.path for asked in server.asked] == [
        "/oauth/token",
        "/v1/connect/accounts/ca_1",
        "/v1/connect/accounts/ca_2",
    ]
    assert server.asked[0].body == b"grant_type=client_credentials&client_id=skc_1&client_secret=vks_secret"
    assert server.asked[2].headers["authorization"] == "Bearer one"


def test_callers_at_the_same_time_wait_for_one_token(server: Server) -> None:
    server.replies = [granted("one"), Reply()]
    with with_secret(server) as client, ThreadPoolExecutor(8) as threads:
        list(threads.map(client.accounts.get, [f"ca_{number}" for number in range(8)]))
    assert [asked.path for asked in server.asked].count("/oauth/token") == 1


def test_a_refused_access_token_is_renewed_once(server: Server) -> None:
    server.replies = [granted("one"), REFUSED, granted("two"), Reply(value={"id": "ca_1"})]
    with with_secret(server) as client:
        assert client.accounts.get("ca_1").id == "ca_1"
    assert server.asked[-1].headers["authorization"] == "Bearer two"


def test_a_refused_api_token_is_an_error(client: AgentConnect, server: Server) -> None:
    server.replies = [REFUSED]
    with pytest.raises(AuthenticationError):
        client.accounts.get("ca_1")
    assert len(server.asked) == 1


def test_an_access_token_that_has_run_out_is_renewed_before_it_is_used(server: Server) -> None:
    server.replies = [granted("one", 0), Reply(), granted("two"), Reply()]
    with with_secret(server) as client:
        client.accounts.get("ca_1")
        client.accounts.get("ca_1")
    assert server.asked[-1].headers["authorization"] == "Bearer two"


@pytest.mark.parametrize(
    "given",
    [{}, {"client_id": "skc_1"}, {"api_token": "vkt_1", "client_id": "skc_1", "client_secret": "vks_1"}],
)
def test_one_way_to_authenticate_is_needed(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="api_token"):
        AgentConnect("http://127.0.0.1:1", **given)  # type: ignore[arg-type]
