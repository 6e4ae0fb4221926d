"""Errors."""

import pytest
from server import Reply, Server

from valetkey import AccountStateError, AgentConnect, AgentConnectError, BadRequestError, ServerError


def failed_with(client: AgentConnect, server: Server, reply: Reply) -> AgentConnectError:
    server.replies = [reply]
    with pytest.raises(AgentConnectError) as raised:
        client.accounts.refresh_tokens("ca_1")
    return raised.value


def test_an_error_says_everything_that_the_server_said(client: AgentConnect, server: Server) -> None:
    told = {
        "code": "INVALID_ARGUMENT",
        "message": "identifier is too long",
        "reason": "",
        "next_action": "fix_request",
        "request_id": "req_1",
        "details": [{"field": "identifier", "description": "too long", "constraint": "string.max_len"}],
    }
    error = failed_with(client, server, Reply(400, told))
    assert isinstance(error, BadRequestError)
    assert (error.code, str(error), error.next_action) == ("INVALID_ARGUMENT", "identifier is too long", "fix_request")
    assert (error.request_id, error.status, error.details[0].field) == ("req_1", 400, "identifier")


def test_the_state_of_an_account_has_a_class_of_its_own(client: AgentConnect, server: Server) -> None:
    told = {"code": "ACCOUNT_EXPIRED", "message": "expired", "reason": "refresh_failed", "next_action": "reauthorize"}
    error = failed_with(client, server, Reply(400, told))
    assert isinstance(error, AccountStateError) and error.reason == "refresh_failed"


def test_an_unknown_code_is_an_error_like_any_other(client: AgentConnect, server: Server) -> None:
    assert failed_with(client, server, Reply(418, {"code": "TEAPOT", "message": "tea"})).code == "TEAPOT"


def test_an_answer_that_is_no_json_object_is_told_by_its_status(client: AgentConnect, server: Server) -> None:
    error = failed_with(client, server, Reply(500, "oops", {"x-request-id": "req_2"}))
    assert isinstance(error, ServerError)
    assert (error.code, error.status, error.request_id) == ("UNEXPECTED_ANSWER", 500, "req_2")
