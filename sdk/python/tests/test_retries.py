"""What is sent again, and what is not."""

import json

import pytest
from server import Reply, Server

from valetkey import AgentConnect, ConnectionFailedError, NotFoundError, RateLimitError, ServerError

BUSY = Reply(503, {"code": "UNAVAILABLE", "message": "busy"})


def test_a_write_is_repeated_with_the_same_idempotency_key(client: AgentConnect, server: Server) -> None:
    server.replies = [BUSY, Reply(0), Reply(value={"id": "ca_1"})]
    assert client.accounts.create(connection_id="conn", identifier="u").id == "ca_1"
    keys = {asked.headers["idempotency-key"] for asked in server.asked}
    assert (len(server.asked), len(keys)) == (3, 1)


def test_two_calls_have_two_keys_and_a_given_one_is_kept(client: AgentConnect, server: Server) -> None:
    client.accounts.suspend("ca_1")
    client.accounts.suspend("ca_1")
    client.accounts.suspend("ca_1", idempotency_key="mine")
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert len(set(keys)) == 3 and keys[2] == "mine"


def test_a_read_has_no_key(client: AgentConnect, server: Server) -> None:
    client.accounts.get("ca_1")
    assert "idempotency-key" not in server.asked[0].headers


def test_after_two_repetitions_the_error_is_the_caller_s(
    client: AgentConnect, server: Server, delays: list[float]
) -> None:
    server.replies = [BUSY]
    with pytest.raises(ServerError):
        client.accounts.get("ca_1")
    assert len(server.asked) == 3 and len(delays) == 2 and delays[0] <= 0.5 and delays[1] <= 1.0


def test_the_server_says_how_long_to_wait(client: AgentConnect, server: Server, delays: list[float]) -> None:
    limited = Reply(429, {"code": "RATE_LIMITED", "message": "slow down"}, {"retry-after": "7"})
    server.replies = [limited, Reply()]
    client.accounts.get("ca_1")
    assert delays == [7.0]


def test_a_wait_of_more_than_a_minute_is_the_caller_s_to_decide(client: AgentConnect, server: Server) -> None:
    server.replies = [Reply(429, {"code": "RATE_LIMITED", "message": "slow down"}, {"retry-after": "61"})]
    with pytest.raises(RateLimitError) as raised:
        client.accounts.get("ca_1")
    assert (raised.value.retry_after, len(server.asked)) == (61.0, 1)


def test_what_is_wrong_stays_wrong_and_is_not_repeated(client: AgentConnect, server: Server) -> None:
    server.replies = [Reply(404, {"code": "ACCOUNT_NOT_FOUND", "message": "no such account"})]
    with pytest.raises(NotFoundError):
        client.accounts.get("ca_1")
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_told_from_one_that_refuses() -> None:
    client = AgentConnect("http://127.0.0.1:1", api_token="vkt_token", max_retries=0)
    with client, pytest.raises(ConnectionFailedError) as raised:
        client.accounts.get("ca_1")
    assert raised.value.code == "CONNECTION_FAILED"


def test_a_bulk_operation_is_waited_for_and_its_results_are_read(
    client: AgentConnect, server: Server, delays: list[float]
) -> None:
    ok = {"index": 0, "state": "succeeded", "account": {"id": "ca_1"}, "created": True}
    bad = {"index": 1, "state": "failed", "error": {"code": "CONNECTION_NOT_FOUND", "message": "no"}}
    server.replies = [
        Reply(value={"id": "bulk_1", "state": "running", "total": 2}),
        Reply(value={"id": "bulk_1", "state": "finished", "total": 2}),
        Reply(value={"results": [ok], "next_page_token": "more"}),
        Reply(value={"results": [bad]}),
    ]
    accounts = client.accounts.create_bulk([{"connection_id": "conn", "identifier": "u"}])
    assert [account.id for account in accounts] == ["ca_1"]
    assert [result.error and result.error.code for result in accounts.failed] == ["CONNECTION_NOT_FOUND"]
    assert delays == [0.25] and json.loads(server.asked[0].body)["wait_seconds"] == 30
