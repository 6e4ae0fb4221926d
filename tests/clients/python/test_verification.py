"""An environment in which the application confirms who its user is."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from scalekit.common.exceptions import (
    ScalekitBadRequestException,
    ScalekitForbiddenException,
    ScalekitNotFoundException,
)


@pytest.fixture(scope="module")
def actions(verified_access):
    return verified_access.sdk().actions


@pytest.fixture(scope="module")
def rest(verified_access):
    return verified_access.rest()


@pytest.fixture(scope="module")
def verify_url():
    """The page of an application to which users come back."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<!doctype html><html lang=en><title>Acme</title><h1>Welcome back</h1>")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/verify?page=connect"
        server.shutdown()


@pytest.fixture
def come_back(actions, verify_url, consent):
    """Lets a user consent for an identifier; returns what the application gets with the browser."""

    def run(identifier, state="state-1"):
        link = actions.get_authorization_link(
            connection_name="test", identifier=identifier, state=state, user_verify_url=verify_url
        ).link
        landed = consent(link)
        assert landed.startswith(verify_url + "&"), "the query of the application stays"
        query = parse_qs(urlsplit(landed).query)
        assert query["state"] == [state]
        assert query["page"] == ["connect"]
        (request_id,) = query["auth_request_id"]
        assert re.fullmatch(r"[A-Za-z0-9_-]{22,1000}", request_id)
        return request_id

    return run


def status(actions, identifier):
    return actions.get_connected_account("test", identifier).connected_account.status


def test_a_link_without_a_place_to_verify_is_refused_when_it_is_made(actions, rest, identifier):
    with pytest.raises(ScalekitBadRequestException) as caught:
        actions.get_authorization_link(connection_name="test", identifier=identifier)
    assert caught.value.error_code == "USER_VERIFY_URL_REQUIRED"
    assert "user_verify_url" in caught.value.message
    answer = rest.post("/api/v1/connected_accounts/magic_link", {"connector": "test", "identifier": identifier})
    assert answer.status_code == 400


def test_the_right_user_makes_the_account_active_once(actions, come_back, identifier):
    request_id = come_back(identifier)
    account = actions.get_connected_account("test", identifier).connected_account
    assert account.status == "PENDING_VERIFICATION"
    details = account.authorization_details or {}
    assert not details.get("oauth_token", {}).get("access_token"), "no token before the user is confirmed"

    actions.verify_connected_account_user(auth_request_id=request_id, identifier=identifier)
    account = actions.get_connected_account("test", identifier).connected_account
    assert account.status == "ACTIVE"
    assert account.authorization_details["oauth_token"]["access_token"]

    with pytest.raises(ScalekitNotFoundException) as caught:
        actions.verify_connected_account_user(auth_request_id=request_id, identifier=identifier)
    assert "auth request not found or no longer valid" in caught.value.message


def test_another_user_is_forbidden_and_the_account_does_not_become_active(actions, rest, come_back, identifier):
    request_id = come_back(identifier)
    with pytest.raises(ScalekitForbiddenException) as caught:
        actions.verify_connected_account_user(auth_request_id=request_id, identifier=f"{identifier}-other")
    assert (caught.value.http_status, caught.value.error_code) == (403, "USER_MISMATCH")
    assert status(actions, identifier) != "ACTIVE"
    body = {"auth_request_id": request_id, "identifier": f"{identifier}-other"}
    assert rest.post("/api/v1/connected_accounts/user/verify", body).status_code in (403, 404)
    assert status(actions, identifier) != "ACTIVE"


def test_the_old_credential_works_until_the_new_one_is_confirmed(actions, come_back, identifier):
    def token():
        account = actions.get_connected_account("test", identifier).connected_account
        assert account.status == "ACTIVE"
        return account.authorization_details["oauth_token"]["access_token"]

    first = come_back(identifier)
    actions.verify_connected_account_user(auth_request_id=first, identifier=identifier)
    before = token()

    second = come_back(identifier, state="state-2")
    assert token() == before
    actions.verify_connected_account_user(auth_request_id=second, identifier=identifier)
    assert token() != before


def test_a_request_of_another_tenant_is_not_found(come_back, client, identifier):
    request_id = come_back(identifier)
    with pytest.raises(ScalekitNotFoundException):
        client.actions.verify_connected_account_user(auth_request_id=request_id, identifier=identifier)
