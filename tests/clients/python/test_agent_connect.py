"""The accounts API through this repository's own Python client, with a test for each requirement S-58 to S-80."""

import asyncio
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
import requests
from granted import CONNECTION

from valetkey import (
    AccountStateError,
    AgentConnect,
    AgentConnectError,
    AsyncAgentConnect,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
)

ROOT = Path(__file__).resolve().parents[3]
CALLBACK = "https://your-app.com/callback"
SIX_STATES = {"pending", "active", "expired", "revoked", "error", "suspended"}


def connect(access, **options):
    verify = httpx.create_ssl_context(verify=os.environ["REQUESTS_CA_BUNDLE"])
    return AgentConnect(access.url, http=httpx.Client(verify=verify), **options)


@pytest.fixture(scope="module")
def api_token(operator):
    return json.loads(operator("token", "create", "--name", "tests", "--environment", "dev", "--json"))["token"]


@pytest.fixture(scope="module")
def agent_connect(access, api_token):
    with connect(access, api_token=api_token) as client:
        client.connections.set_redirect_uris(CONNECTION, [CALLBACK])
        yield client


@pytest.fixture
def account(agent_connect, identifier):
    """An account whose user has not authorized yet."""
    return agent_connect.accounts.create(
        connection_id=CONNECTION, identifier=identifier, identifier_type="user_id", scopes=["profile", "read"]
    )


@pytest.fixture
def active(agent_connect, identifier):
    """An account whose user has authorized."""
    account = agent_connect.accounts.create(connection_id=CONNECTION, identifier=identifier + "-active")
    came = callback_of(agent_connect.accounts.get_auth_url(account.id, redirect_uri=CALLBACK))
    return agent_connect.accounts.exchange_code(account.id, came["code"], came["state"], iss=came.get("iss"))


def callback_of(url, user="alice"):
    """What comes to the application's callback where a user of the test provider consents."""
    page = requests.get(url, timeout=10).text
    request = re.search(r'name="request" value="([^"]+)"', page)[1]
    form = {"request": request, "user": user, "decision": "approve"}
    address = urljoin(url, "/authorize")
    answer = requests.post(address, data=form, allow_redirects=False, timeout=10)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_s58_an_account_is_created_with_an_api_token(agent_connect, account, identifier):
    assert (account.status, account.identifier, account.next_action) == ("pending", identifier, "reauthorize")
    with pytest.raises(ConflictError) as raised:
        agent_connect.accounts.create(connection_id=CONNECTION, identifier=identifier)
    assert raised.value.code == "ACCOUNT_ALREADY_EXISTS"


def test_s59_an_account_is_created_with_type_scopes_and_settings(agent_connect, identifier):
    account = agent_connect.accounts.create(
        connection_id=CONNECTION,
        identifier=identifier,
        identifier_type="user_id",
        scopes=["read"],
        settings={"auto_refresh": True, "expires_in": 3600},
    )
    assert (account.identifier_type, account.requested_scopes) == ("user_id", ("read",))
    assert (account.settings.auto_refresh, account.settings.expires_in) == (True, 3600)


def test_s60_s79_a_test_account_is_created_on_the_test_provider(agent_connect, identifier):
    account = agent_connect.accounts.create(
        connection_id="conn_test_provider", identifier=identifier, identifier_type="user_id", test_mode=True
    )
    assert account.test_mode and account.status == "pending"


def test_s61_s62_an_authorization_url_is_the_provider_s_own(agent_connect, account):
    url = agent_connect.accounts.get_auth_url(
        account.id, state="custom_state_value", redirect_uri=CALLBACK, scopes=["read"]
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (query["redirect_uri"], query["scope"], query["response_type"]) == (CALLBACK, "read", "code")
    assert query["client_id"] and query["state"].endswith(".custom_state_value")


def test_s63_a_code_is_exchanged_once_and_makes_the_account_active(agent_connect, account):
    url = agent_connect.accounts.get_auth_url(account.id, state="mine", redirect_uri=CALLBACK)
    came = callback_of(url)
    exchanged = agent_connect.accounts.exchange_code(account.id, came["code"], came["state"], iss=came.get("iss"))
    assert (exchanged.id, exchanged.status) == (account.id, "active")
    with pytest.raises(AgentConnectError) as raised:
        agent_connect.accounts.exchange_code(account.id, came["code"], came["state"])
    assert str(raised.value)


def test_s64_a_failed_exchange_has_a_message(agent_connect, account):
    with pytest.raises(AgentConnectError) as raised:
        agent_connect.accounts.exchange_code(account.id, "wrong", "wrong")
    assert raised.value.code and raised.value.message


def test_s65_an_account_is_read(agent_connect, active):
    assert (active.status, active.provider, active.connection_name) == ("active", "testprovider", CONNECTION)
    assert active.scopes and active.expires_at > active.created_at


def test_s66_s67_accounts_are_listed_by_connection_and_by_status(agent_connect, active, account):
    by_both = agent_connect.accounts.list(connection_id=CONNECTION, status="active", page_size=1000)
    listed = {found.id for found in by_both.all()}
    assert active.id in listed and account.id not in listed
    assert [found.id for found in agent_connect.accounts.list(identifier=account.identifier)] == [account.id]


def test_s68_s69_tokens_are_refreshed_and_their_status_is_read(agent_connect, active):
    before = agent_connect.accounts.get_token_status(active.id)
    assert agent_connect.accounts.refresh_tokens(active.id).status == "active"
    after = agent_connect.accounts.get_token_status(active.id)
    assert (before.state, after.state, after.generation) == ("valid", "valid", before.generation + 1)


def test_s70_the_state_is_one_of_six_words(agent_connect, active, account):
    assert agent_connect.accounts.get_status(account.id) == "pending"
    agent_connect.accounts.suspend(active.id)
    assert agent_connect.accounts.get_status(active.id) == "suspended"
    agent_connect.accounts.resume(active.id)
    assert agent_connect.accounts.get_status(active.id) == "active"
    agent_connect.accounts.disconnect(active.id)
    assert agent_connect.accounts.get_status(active.id) == "revoked"
    assert {"pending", "suspended", "active", "revoked"} <= SIX_STATES


def test_s71_s72_metadata_is_merged_and_read(agent_connect, account):
    preferences = {"notification_settings": "email", "timezone": "UTC"}
    agent_connect.accounts.update_metadata(account.id, {"department": "engineering", "preferences": preferences})
    agent_connect.accounts.update_metadata(account.id, {"preferences": {"timezone": None}, "user_email": "a@b.c"})
    assert agent_connect.accounts.get_metadata(account.id) == {
        "department": "engineering",
        "preferences": {"notification_settings": "email"},
        "user_email": "a@b.c",
    }
    found = agent_connect.accounts.list(metadata={"department": "engineering"}, identifier=account.identifier)
    assert [one.id for one in found] == [account.id]
    assert agent_connect.accounts.replace_metadata(account.id, {"a": 1}) == {"a": 1}


def test_s73_settings_are_changed(agent_connect, account):
    changed = {"auto_refresh": True, "rate_limit": 100, "timeout": 30, "retry_attempts": 3}
    settings = agent_connect.accounts.update_settings(account.id, changed)
    assert settings.to_json() == changed
    assert agent_connect.accounts.update_settings(account.id, {"timeout": 60}).to_json() == {**changed, "timeout": 60}


def test_s74_many_accounts_are_created(agent_connect, identifier):
    wanted = [
        {"connection_id": CONNECTION, "identifier": f"{identifier}-{number}", "identifier_type": "user_id"}
        for number in range(3)
    ]
    accounts = agent_connect.accounts.create_bulk([*wanted, {"connection_id": "none", "identifier": "u"}])
    assert [account.identifier for account in accounts] == [one["identifier"] for one in wanted]
    assert [result.error.code for result in accounts.failed] == ["CONNECTION_NOT_FOUND"]
    again = agent_connect.accounts.create_bulk(wanted)
    assert [account.id for account in again] == [account.id for account in accounts]


def test_s75_many_are_refreshed_each_with_its_result(agent_connect, active, account):
    results = agent_connect.accounts.refresh_tokens_bulk([active.id, account.id, "ca_unknown"])
    assert [result.state for result in results] == ["succeeded", "failed", "failed"]
    assert [result.error.code for result in results.failed] == ["ACCOUNT_PENDING", "ACCOUNT_NOT_FOUND"]


def test_s76_the_settings_of_many_are_changed(agent_connect, active, account):
    agent_connect.accounts.update_settings_bulk([active.id, account.id], {"auto_refresh": True, "rate_limit": 150})
    for account_id in (active.id, account.id):
        assert agent_connect.accounts.get_settings(account_id).rate_limit == 150


def test_s77_health_says_how_well_an_account_works(agent_connect, active):
    health = agent_connect.accounts.get_health(active.id)
    assert (health.status.status, health.token.state) == ("active", "valid")
    assert health.authentication.success_rate == 1 and health.authentication.last_success_at is not None
    assert health.api.error_rate is None and health.forecast.person_needed


def test_s78_usage_covers_a_range_of_days(agent_connect, active):
    usage = agent_connect.accounts.get_usage(active.id, start_date="2024-01-01", end_date="2024-01-31")
    assert (usage.start_date, usage.end_date, usage.tool_executions, usage.days) == ("2024-01-01", "2024-01-31", 0, ())


def test_s80_test_tokens_are_those_of_a_test_account_only(agent_connect, active, identifier):
    tested = agent_connect.accounts.create(
        connection_id="conn_test_provider", identifier=identifier + "-test", test_mode=True
    )
    tokens = agent_connect.accounts.get_test_tokens(tested.id)
    assert tokens.access_token.startswith("at_") and agent_connect.accounts.get_status(tested.id) == "active"
    with pytest.raises(AgentConnectError):
        agent_connect.accounts.get_test_tokens(active.id)


def test_a_link_is_made_listed_and_revoked(agent_connect, account):
    link = agent_connect.links.create(account.id, expires_in=600, max_uses=2)
    assert link.url and link.url not in repr(link)
    agent_connect.links.revoke(link.id)
    (listed,) = agent_connect.links.list(account.id)
    assert (listed.id, listed.state, listed.url, listed.max_uses) == (link.id, "revoked", "", 2)


def test_connections_say_what_they_are_and_whether_they_work(agent_connect):
    connection = agent_connect.connections.get(CONNECTION)
    assert (connection.type, connection.status) == ("CONNECTOR_TYPE_OAUTH2", "CONNECTOR_STATUS_ACTIVE")
    assert connection.id in {found.id for found in agent_connect.connections.list().all()}


def test_errors_have_classes_codes_and_what_to_do(agent_connect, account):
    with pytest.raises(NotFoundError) as raised:
        agent_connect.accounts.get("ca_unknown")
    assert raised.value.code == "ACCOUNT_NOT_FOUND" and raised.value.request_id
    with pytest.raises(AccountStateError) as raised:
        agent_connect.accounts.refresh_tokens(account.id)
    assert (raised.value.code, raised.value.next_action) == ("ACCOUNT_PENDING", "reauthorize")


def test_a_credential_is_read_by_those_only_who_may(agent_connect, access, operator, user):
    with pytest.raises(PermissionDeniedError) as raised:
        agent_connect.accounts.read_credential(user.id)
    assert raised.value.code == "INVALID_PERMISSIONS"
    arguments = ("token", "create", "--name", "reader", "--environment", "dev", "--allow-reading-credentials", "--json")
    with connect(access, api_token=json.loads(operator(*arguments))["token"]) as reader:
        assert reader.accounts.read_credential(user.id).access_token == user.token


def test_client_credentials_and_coroutines_do_the_same(access, account):
    async def read():
        verify = httpx.create_ssl_context(verify=os.environ["REQUESTS_CA_BUNDLE"])
        credentials = {"client_id": access.client_id, "client_secret": access.client_secret}
        async with AsyncAgentConnect(access.url, http=httpx.AsyncClient(verify=verify), **credentials) as client:
            return await client.accounts.get(account.id)

    assert asyncio.run(read()) == account


def test_the_examples_run(access, api_token, identifier):
    variables = {
        **os.environ, "VALETKEY_URL": access.url, "VALETKEY_API_TOKEN": api_token,
        "SSL_CERT_FILE": os.environ["REQUESTS_CA_BUNDLE"], "PYTHONPATH": str(ROOT / "sdk/python/src"),
    }

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT / "sdk/python/examples", env=variables,
            capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "is pending; open http" in run("connect_a_user.py", CONNECTION, identifier)
    assert "is pending; open http" in run("connect_a_user.py", CONNECTION, identifier)
    run("tidy_up.py")


@pytest.mark.timeout(300)
def test_the_package_is_installed_from_the_repository_by_pip(tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    # The certificates of the server under test are not those of a package index.
    ours = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, ROOT / "sdk/python"], env=variables, check=True)
    program = "import valetkey; print(valetkey.AgentConnect.__name__)"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "AgentConnect\n"
