"""The test provider of the main server, through its control API."""

import contextlib
import os

import requests


class Provider:
    def __init__(self):
        self.control = os.environ["VALETKEY_TEST_PROVIDER_URL"] + "/_control"

    @contextlib.contextmanager
    def misbehaving(self, *rules):
        """Does these things wrong for a while, as its control API names them."""
        self._change(misbehave=list(rules))
        try:
            yield
        finally:
            self._change(misbehave=[])

    @contextlib.contextmanager
    def short_tokens(self):
        """Access tokens that are issued meanwhile work for a second."""
        settings = requests.get(self.control, timeout=10).json()["settings"]
        self._change(settings={"access_seconds": 1})
        try:
            yield
        finally:
            self._change(settings={"access_seconds": settings["access_seconds"]})

    def open_grant(self, user, scopes):
        """Opens a grant as if the user had consented; returns it with its tokens."""
        answer = requests.post(f"{self.control}/grants", json={"user": user, "scopes": scopes}, timeout=10)
        answer.raise_for_status()
        (opened,) = answer.json()
        return opened

    def calls(self, grant):
        """The requests to the API that came with a token of the grant, whose number is in its tokens."""
        bearer = f"Bearer at_{grant.removeprefix('grant_')}_"
        seen = requests.get(f"{self.control}/requests", timeout=10).json()
        return [request for request in seen if request["headers"].get("authorization", "").startswith(bearer)]

    def send_event(self, event):
        """Sends a text to whoever listens to /api/events, or does next."""
        requests.post(f"{self.control}/events", json={"event": event}, timeout=10).raise_for_status()

    def end_events(self):
        requests.delete(f"{self.control}/events", timeout=10).raise_for_status()

    def grant_of(self, token):
        """The grant to which a token belongs."""
        answer = requests.post(f"{self.control}/token", json={"token": token}, timeout=10)
        answer.raise_for_status()
        return answer.json()["grant"]

    def end(self, grant):
        """Ends a grant with all its tokens."""
        requests.delete(f"{self.control}/grants/{grant}", timeout=10).raise_for_status()

    def _change(self, **change):
        requests.post(self.control, json=change, timeout=10).raise_for_status()
