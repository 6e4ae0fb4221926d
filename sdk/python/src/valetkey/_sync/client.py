# Written by scripts/generate.py. Do not edit.
"""The client."""

from __future__ import annotations

from types import TracebackType

import httpx

from .accounts import Accounts
from .bulk_operations import BulkOperations
from .cleanup import Cleanup
from .connections import Connections
from .credentials import ApiToken, ClientCredentials, Credentials
from .events import Events
from .links import Links
from .tokens import Tokens
from .transport import Transport


class AgentConnect:
    """A client of one environment of a server, with an API token or with client credentials.

    `timeout` is in seconds and for one attempt. `max_retries` is how often a call is repeated where the server was not
    reached, is busy or is away; what changes something is repeated with the same idempotency key. `http` takes the
    place of the client's own HTTP client, for a proxy or another certificate authority.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_token: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        timeout: float = 60.0,
        max_retries: int = 2,
        http: httpx.Client | None = None,
    ) -> None:
        http = http or httpx.Client()
        http.base_url = httpx.URL(base_url.rstrip("/"))
        http.timeout = httpx.Timeout(timeout)
        self._transport = Transport(http, _credentials(api_token, client_id, client_secret), max_retries)
        self.accounts = Accounts(self._transport)
        self.links = Links(self._transport)
        self.connections = Connections(self._transport)
        self.tokens = Tokens(self._transport)
        self.bulk_operations = BulkOperations(self._transport)
        self.events = Events(self._transport)
        self.cleanup = Cleanup(self._transport)

    def close(self) -> None:
        """Closes the connections to the server."""
        self._transport.close()

    def __enter__(self) -> AgentConnect:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _credentials(api_token: str | None, client_id: str | None, client_secret: str | None) -> Credentials:
    if api_token and not client_id and not client_secret:
        return ApiToken(api_token)
    if client_id and client_secret and not api_token:
        return ClientCredentials(client_id, client_secret)
    raise ValueError("give either api_token, or client_id and client_secret")
