"""States that change without the user, as published clients see them, and the way back by the published examples."""

import pytest
from application import ACCOUNT
from moments import eventually

GMAIL = ("--connection", "gmail", "--identifier", ACCOUNT["identifier"], "--environment", "dev")


class Watched:
    """The account of the application, in every way in which a client can look at it."""

    def __init__(self, actions, rest, account=ACCOUNT):
        self.actions, self.rest, self.account = actions, rest, account

    def read(self):
        return self.actions.get_connected_account(**self.account).connected_account

    def token(self):
        return self.read().authorization_details["oauth_token"]["access_token"]

    def is_shown_as(self, status):
        """Waits until the account has this status, and checks that it has it wherever it is shown."""
        eventually(lambda: self.read().status == status)
        (listed,) = self.actions.list_connected_accounts(**self.account).connected_accounts
        name = {"connector": self.account["connection_name"], "identifier": self.account["identifier"]}
        details = self.rest.get("/api/v1/connected_accounts/details", **name).json()["connected_account"]
        assert {listed.status, details["status"]} == {status}
        assert bool(self.token()) == (status == "ACTIVE"), "only an active account gives its token"


@pytest.fixture
def watched(actions, rest):
    return Watched(actions, rest)


@pytest.fixture
def connected(application, watched, consent):
    """The application when its user has consented; returns the id of the account."""

    def connect():
        consent(application.run("create_and_link")["auth_url"])
        return watched.read().id

    return connect


def comes_back(application, watched, consent, account_id):
    """The user follows the link that the examples make for an account that is not active."""
    application.run("check_status")
    consent(application.run("handle_inactive")["link_response"].link)
    watched.is_shown_as("ACTIVE")
    assert watched.read().id == account_id
    application.run("check_status")
    assert "link_response" not in application.run("handle_inactive")
    assert "link_response" not in application.run("reauthorize")


def test_a_user_brings_an_expired_account_back_by_the_link_of_the_examples(
    application, watched, connected, consent, provider
):
    with provider.short_tokens():
        account_id = connected()
        provider.end(provider.grant_of(watched.token()))
    watched.is_shown_as("EXPIRED")
    comes_back(application, watched, consent, account_id)


def test_a_user_brings_a_revoked_account_back_by_the_link_of_the_examples(
    application, watched, connected, consent, provider
):
    with provider.short_tokens():
        account_id = connected()
        revoked = {"misbehaviour": "revoked_by_user", "grant": provider.grant_of(watched.token())}
        with provider.misbehaving(revoked):
            watched.is_shown_as("DISCONNECTED")
    comes_back(application, watched, consent, account_id)


def test_a_user_brings_a_disconnected_account_back_by_the_link_of_the_examples(
    application, watched, connected, consent, rest
):
    account_id = connected()
    answer = rest.post(f"/api/v1/connected_accounts/{account_id}:disconnect", {})
    assert answer.json()["connected_account"]["status"] == "DISCONNECTED"
    watched.is_shown_as("DISCONNECTED")
    comes_back(application, watched, consent, account_id)


def test_a_suspended_account_stays_so_whatever_its_user_does_until_an_operator_resumes_it(
    application, watched, connected, consent, operator
):
    account_id = connected()
    operator("account", "suspend", *GMAIL)
    watched.is_shown_as("DISCONNECTED")
    application.run("check_status")
    consent(application.run("handle_inactive")["link_response"].link)
    watched.is_shown_as("DISCONNECTED")
    operator("account", "resume", *GMAIL)
    watched.is_shown_as("ACTIVE")
    application.run("check_status")
    assert "link_response" not in application.run("handle_inactive")
    assert watched.read().id == account_id


def test_an_account_without_automatic_refresh_expires_and_a_refresh_by_an_operator_brings_it_back(
    watched, connected, operator, provider
):
    with provider.short_tokens():
        connected()
        operator("account", "set", "--auto-refresh", "false", *GMAIL)
        watched.is_shown_as("EXPIRED")
    operator("account", "refresh", *GMAIL)
    watched.is_shown_as("ACTIVE")


def test_t33_a_connection_at_fault_shows_on_accounts_that_need_it_and_they_recover_without_their_users(
    actions, rest, consent, operator, provider, identifier, tmp_path
):
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("test-secret", encoding="ascii")
    name = f"fault-{identifier}"
    client = ("--client-id", "test-client", "--client-secret-file", str(secret))
    operator("connection", "create", "testprovider", "--environment", "dev", "--name", name, *client)
    fresh, needy = (
        Watched(actions, rest, {"connection_name": name, "identifier": user}) for user in ("fresh", "needy")
    )
    consent(actions.get_authorization_link(**fresh.account).link)
    with provider.short_tokens():
        consent(actions.get_authorization_link(**needy.account).link)
        refused = {"misbehaviour": "invalid_client", "grant": provider.grant_of(needy.token())}
        with provider.misbehaving(refused):
            needy.is_shown_as("EXPIRED")
            fresh.is_shown_as("ACTIVE")
    operator("connection", "update", name, "--environment", "dev", "--client-secret-file", str(secret))
    needy.is_shown_as("ACTIVE")
