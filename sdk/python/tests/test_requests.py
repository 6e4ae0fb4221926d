"""What is sent."""

import json
from datetime import date, datetime, timezone

import pytest
from server import Reply, Server

from valetkey import AgentConnect
from valetkey.models import AccountSettings


def test_a_variable_of_the_path_cannot_leave_its_place(client: AgentConnect, server: Server) -> None:
    client.accounts.get("../tokens?a=b/ä")
    assert server.asked[0].path == "/v1/connect/accounts/..%2Ftokens%3Fa%3Db%2F%C3%A4"
    for elsewhere in ("", ".", ".."):
        with pytest.raises(ValueError, match="account_id"):
            client.accounts.get_metadata(elsewhere)
    assert len(server.asked) == 1


def test_what_is_not_given_is_not_sent(client: AgentConnect, server: Server) -> None:
    client.accounts.create(connection_id="conn", identifier="u", settings=AccountSettings(auto_refresh=False))
    sent = json.loads(server.asked[0].body)
    assert sent == {"connection_id": "conn", "identifier": "u", "settings": {"auto_refresh": False}}


def test_filters_become_a_query(client: AgentConnect, server: Server) -> None:
    server.replies = [Reply(value={"accounts": []})]
    client.accounts.list(
        status=["active", "expired"],
        metadata={"department": "engineering", "preferences": {"timezone": "UTC"}},
        updated_since=datetime(2026, 1, 2, tzinfo=timezone.utc),
        test_mode=False,
    )
    assert server.asked[0].path == (
        "/v1/connect/accounts?status=active&status=expired&metadata=department%3Dengineering"
        "&metadata=preferences.timezone%3DUTC&updated_since=2026-01-02T00%3A00%3A00Z&test_mode=false"
    )


def test_a_time_without_a_zone_is_refused(client: AgentConnect, server: Server) -> None:
    with pytest.raises(ValueError, match="time zone"):
        client.accounts.list(updated_since=datetime(2026, 1, 2))
    assert server.asked == []


def test_days_are_sent_as_days(client: AgentConnect, server: Server) -> None:
    client.accounts.get_usage("ca_1", start_date=date(2024, 1, 1), end_date="2024-01-31")
    assert server.asked[0].path.endswith("/usage?start_date=2024-01-01&end_date=2024-01-31")


def test_null_in_metadata_is_sent_because_it_removes_a_key(client: AgentConnect, server: Server) -> None:
    client.accounts.update_metadata("ca_1", {"department": None})
    assert json.loads(server.asked[0].body) == {"metadata": {"department": None}}


def test_an_answer_is_typed_and_what_is_unknown_is_left_out(client: AgentConnect, server: Server) -> None:
    server.replies = [
        Reply(value={"id": "ca_1", "created_at": "2026-01-02T03:04:05.678Z", "scopes": ["a"], "brand_new": 1})
    ]
    account = client.accounts.get("ca_1")
    assert account.created_at == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone.utc)
    assert (account.id, account.scopes, account.expires_at) == ("ca_1", ("a",), None)


def test_secrets_are_not_in_the_representation_of_an_answer(client: AgentConnect, server: Server) -> None:
    server.replies = [Reply(value={"access_token": "at_secret", "token_type": "Bearer"})]
    tokens = client.accounts.get_test_tokens("ca_1")
    assert tokens.access_token == "at_secret" and "at_secret" not in repr(tokens)
