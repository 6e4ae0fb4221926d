"""Calls to the API of a provider through `actions.request()`."""

import hashlib
import json
import os
from urllib.parse import parse_qsl

import pytest
import requests
from memory import flat

LARGE = 200 * 1024 * 1024
PIECE = b"v" * (1024 * 1024)

# Of the way between an application and this server; a provider must see nothing of it.
OURS = {"connection_name", "identifier", "x-sdk-version", "x-api-version", "x-forwarded-for", "forwarded", "via"}


@pytest.fixture
def request_as(actions, user):
    """`actions.request()` for the account of the user."""

    def call(path, method="GET", **given):
        return actions.request("test", user.identifier, path, method, **given)

    return call


def received(answer):
    """What the provider says that came: method, path with query, headers, length and SHA-256 of the body."""
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    seen["headers"] = [tuple(header) for header in seen["headers"]]
    return seen


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def test_a_query_arrives_to_the_letter_and_the_credential_is_put_in(request_as, user):
    answer = request_as("/api/request/notes%2F1", query_params={"b": ["x", "y"], "q": "a b&c", "e": ""})
    seen = received(answer)
    assert (seen["method"], seen["target"]) == ("GET", "/api/request/notes%2F1?b=x&b=y&q=a+b%26c&e=")
    assert [name for name, _ in seen["headers"]].count("authorization") == 1
    assert user.token not in answer.text, "the provider shows what it was given, and this server hides it"
    assert not OURS & {name for name, _ in seen["headers"]}
    assert answer.headers["x-valetkey-execution-id"].startswith("exec_")


def test_the_credential_is_that_of_the_user(request_as, user):
    assert request_as("/api/me").json() == {"subject": user.identifier, "scopes": ["profile", "read"]}
    (call,) = user.calls()
    assert call["headers"]["authorization"] == f"Bearer {user.token}"


def test_the_connection_is_found_without_regard_to_case(actions, user):
    assert actions.request("TEST", user.identifier, "/api/me").json()["subject"] == user.identifier


def test_headers_of_the_application_arrive(request_as):
    given = {"X-Team": "red", "Accept": "application/vnd.test+json", "If-None-Match": '"1"'}
    headers = dict(received(request_as("/api/request", headers=given))["headers"])
    assert {name: headers[name.lower()] for name in given} == given


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_json_arrives_with_every_method(method, request_as):
    body = {"text": "Grüße", "count": 9007199254740993, "list": [1, None, True]}
    seen = request_as("/api/echo", method, body=body).json()
    assert (seen["method"], seen["content_type"]) == (method, "application/json")
    assert json.loads(seen["body"]) == body


def test_a_form_arrives(request_as):
    seen = request_as("/api/echo", "POST", form_data={"a": "1 2", "b": ["x", "y"]}).json()
    assert seen["content_type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(seen["body"]) == [("a", "1 2"), ("b", "x"), ("b", "y")]


def test_a_raw_body_arrives_byte_by_byte(request_as):
    body = bytes(range(256)) * 1000
    seen = received(request_as("/api/request", "PUT", raw_body=body, headers={"Content-Type": "image/png"}))
    assert (seen["length"], seen["sha256"]) == (len(body), sha256(body))
    assert dict(seen["headers"])["content-type"] == "image/png"


def test_an_answer_without_a_body_and_the_head_of_one_come_back(request_as):
    empty = request_as("/api/status/204")
    assert (empty.status_code, empty.content) == (204, b"")
    head = request_as("/api/download/1000", "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1000")


def test_a_key_is_put_where_its_provider_wants_it(actions, identifier):
    key = {"static_auth": {"api_key": "test-key-good"}}
    actions.create_connected_account("testkey", identifier, authorization_details=key)
    assert actions.request("testkey", identifier, "/api/key-check").json() == {"ok": True}


# What the provider refuses


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_failure_of_the_provider_comes_back_as_it_is_and_is_sent_once(status, request_as, user):
    answer = request_as(f"/api/status/{status}", "POST")
    assert answer.status_code == status
    assert answer.json()["error"] == {"code": f"test_{status}", "message": f"status {status} was asked for"}
    assert answer.headers["x-valetkey-error-source"] == "provider"
    assert answer.headers["x-valetkey-execution-id"].startswith("exec_")
    assert len(user.calls()) == 1


def test_t37_a_refused_token_is_renewed_without_the_application_noticing(request_as, user, provider):
    late = {"misbehaviour": "api_unauthorized_until_refreshed", "grant": user.grant}
    with provider.misbehaving(late):
        answer = request_as("/api/echo", "POST", body={"a": 1})
    assert (answer.status_code, answer.json()["body"]) == (200, '{"a": 1}')
    assert len(user.calls()) == 2


def test_t37_a_401_that_remains_is_shown_as_that_of_the_provider(request_as):
    answer = request_as("/api/status/401")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "test_401")
    assert answer.headers["x-valetkey-error-source"] == "provider"


# What this server refuses


def refusal(answer, status):
    """The code of an error of this server."""
    assert answer.status_code == status, answer.text
    assert answer.headers["x-valetkey-error-source"] == "valetkey"
    assert answer.headers["x-valetkey-execution-id"].startswith("exec_")
    (detail,) = answer.json()["details"]
    return detail["error_code"]


def test_what_does_not_exist_is_not_found(actions, user):
    for connection, identifier in (("nothing", user.identifier), ("test", f"{user.identifier}-x")):
        assert refusal(actions.request(connection, identifier, "/api/me"), 404) == "RESOURCE_NOT_FOUND"


def test_an_account_that_is_not_active_is_told_with_the_way_back(actions, rest, request_as, user):
    rest.post(f"/api/v1/connected_accounts/{user.id}:disconnect", {}).raise_for_status()
    answer = request_as("/api/me")
    assert refusal(answer, 400) == "ACCOUNT_NOT_ACTIVE"
    assert "/api/v1/connected_accounts/magic_link" in answer.text
    assert user.calls() == []


def test_t60_another_tenant_and_a_client_without_the_permission_pass_nothing_on(
    user, other_tenant_access, reader_access
):
    for access, status in ((other_tenant_access, 404), (reader_access, 403)):
        refusal(access.sdk().actions.request("test", user.identifier, "/api/me"), status)
    assert user.calls() == []


def test_a_call_without_a_token_is_refused_as_ours(access, user):
    named = {"connection_name": "test", "identifier": user.identifier}
    answer = requests.get(f"{access.url}/proxy/api/me", headers=named, timeout=10)
    assert refusal(answer, 401) == "UNAUTHENTICATED"
    assert user.calls() == []


# Large and slow


def test_a_download_of_200_mb_needs_no_memory(request_as, capsys):
    with flat(capsys, "download of 200 MB"), request_as(f"/api/download/{LARGE}", stream=True) as answer:
        length = sum(len(piece) for piece in answer.iter_content(len(PIECE)))
    assert length == LARGE


@pytest.mark.parametrize("way", ["with its length", "in chunks"])
def test_an_upload_of_200_mb_needs_no_memory(way, request_as, tmp_path, capsys):
    announced = way == "with its length"
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.writelines(PIECE for _ in range(LARGE // len(PIECE)))
    with path.open("rb") as file, flat(capsys, f"upload of 200 MB {way}"):
        body = file if announced else iter(lambda: file.read(len(PIECE)), b"")
        seen = received(request_as("/api/request", "POST", raw_body=body))
    with path.open("rb") as file:
        expected = hashlib.file_digest(file, "sha256").hexdigest()
    assert (seen["length"], seen["sha256"]) == (LARGE, expected)
    assert ("content-length" in dict(seen["headers"])) == announced


def test_quirk_84_events_come_one_by_one(request_as, provider):
    provider.send_event("data: 0\n\n")
    with request_as("/api/events", headers={"Accept": "text/event-stream"}, stream=True) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        for number in range(3):
            assert (next(lines), next(lines)) == (f"data: {number}", "")
            # The next one is made only now, so that nothing can have collected them.
            provider.send_event(f"data: {number + 1}\n\n")
        provider.end_events()
        assert list(lines) == ["data: 3", ""]
