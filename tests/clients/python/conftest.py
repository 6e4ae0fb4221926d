"""What the tests share: a client of the running server, plain HTTP access to it, and a browser that consents."""

import json
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest
import requests
from application import ACCOUNT, Application
from granted import Granted
from provider import Provider
from scalekit import ScalekitClient
from scalekit.common.exceptions import ScalekitNotFoundException

CLIENTS = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """Fails early, with the way to do it right, where no server is running."""
    if items and "SCALEKIT_ENVIRONMENT_URL" not in os.environ:
        pytest.exit("no server to test; start these tests with tests/clients/run python", returncode=2)


class Access:
    """The credentials of one API client."""

    def __init__(self, prefix):
        self.url = os.environ[f"{prefix}ENVIRONMENT_URL"]
        self.client_id = os.environ[f"{prefix}CLIENT_ID"]
        self.client_secret = os.environ[f"{prefix}CLIENT_SECRET"]

    def sdk(self):
        return ScalekitClient(self.url, self.client_id, self.client_secret)

    def rest(self):
        return Rest(self)


class Rest:
    """Plain HTTP calls with the token of an API client."""

    def __init__(self, access):
        self.url = access.url
        self.session = requests.Session()
        answer = requests.post(
            f"{access.url}/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": access.client_id,
                "client_secret": access.client_secret,
            },
            timeout=10,
        )
        answer.raise_for_status()
        self.token = answer.json()["access_token"]
        self.session.headers["authorization"] = f"Bearer {self.token}"

    def call(self, method, path, **arguments):
        return self.session.request(method, self.url + path, timeout=10, **arguments)

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, body):
        return self.call("POST", path, json=body)


@pytest.fixture(scope="session")
def access():
    return Access("SCALEKIT_")


@pytest.fixture(scope="session")
def verified_access():
    """A client of the environment whose applications verify their users."""
    return Access("VALETKEY_TEST_VERIFIED_")


@pytest.fixture(scope="session")
def other_tenant_access():
    """A client of an environment that has nothing to do with the others."""
    return Access("VALETKEY_TEST_OTHER_")


@pytest.fixture(scope="session")
def reader_access():
    """A client of the main environment that may read accounts, but not their credentials, and change nothing."""
    return Access("VALETKEY_TEST_READER_")


@pytest.fixture(scope="session")
def brief_access():
    """A client of the server whose tokens last one second."""
    return Access("VALETKEY_TEST_BRIEF_")


@pytest.fixture(scope="session")
def operator():
    """Runs `valetkey ARGUMENTS` on the data of the main server and returns what it prints."""

    def run(*arguments):
        command = [os.environ["VALETKEY_TEST_BINARY"], *arguments, *json.loads(os.environ["VALETKEY_TEST_PLACE"])]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def provider():
    return Provider()


@pytest.fixture(scope="session")
def client(access):
    return access.sdk()


@pytest.fixture(scope="session")
def actions(client):
    return client.actions


@pytest.fixture(scope="session")
def rest(access):
    return access.rest()


@pytest.fixture
def identifier():
    """An identifier that no other test uses."""
    return f"user-{secrets.token_hex(8)}"


@pytest.fixture
def user(actions, provider, identifier):
    """A user with an active account of the connection `test`."""
    return Granted(actions, provider, identifier)


@pytest.fixture
def application(actions):
    """An application of which the server knows no account."""

    def delete():
        try:
            actions.delete_connected_account(**ACCOUNT)
        except ScalekitNotFoundException:
            pass

    delete()
    yield Application(actions)
    delete()


@pytest.fixture
def organization(client):
    """The id of an organization that is deleted after the test, if the test did not do it."""
    from scalekit.v1.organizations.organizations_pb2 import CreateOrganization

    created = client.organization.create_organization(CreateOrganization(display_name="Acme"))[0].organization
    yield created.id
    try:
        client.organization.delete_organization(created.id)
    except ScalekitNotFoundException:
        pass


@pytest.fixture(scope="session")
def consent():
    """Opens a link in a real browser, approves as a user of the test provider, and returns where that ended."""

    def approve(link, user="alice"):
        done = subprocess.run(
            ["node", "--import", "tsx", "browser/approve.ts", link, user],
            cwd=CLIENTS, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return re.search(r"^landed on (\S+)$", done.stdout, re.MULTILINE).group(1)

    return approve
