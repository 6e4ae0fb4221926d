"""The client."""

from __future__ import annotations

from types import TracebackType

import httpx

from .accounts import AsyncAccounts
from .bulk_operations import AsyncBulkOperations
from .cleanup import AsyncCleanup
from .connections import AsyncConnections
from .credentials import AsyncApiToken, AsyncClientCredentials, AsyncCredentials
from .events import AsyncEvents
from .links import AsyncLinks
from .tokens import AsyncTokens
from .transport import AsyncTransport


class AsyncAgentConnect:
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
        http: httpx.AsyncClient | None = None,
    ) -> None:
        http = http or httpx.AsyncClient()
        http.base_url = httpx.URL(base_url.rstrip("/"))
        http.timeout = httpx.Timeout(timeout)
        self._transport = AsyncTransport(http, _credentials(api_token, client_id, client_secret), max_retries)
        self.accounts = AsyncAccounts(self._transport)
        self.links = AsyncLinks(self._transport)
        self.connections = AsyncConnections(self._transport)
        self.tokens = AsyncTokens(self._transport)
        self.bulk_operations = AsyncBulkOperations(self._transport)
        self.events = AsyncEvents(self._transport)
        self.cleanup = AsyncCleanup(self._transport)

    async def close(self) -> None:
        """Closes the connections to the server."""
        await self._transport.close()

    async def __aenter__(self) -> AsyncAgentConnect:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _credentials(api_token: str | None, client_id: str | None, client_secret: str | None) -> AsyncCredentials:
    if api_token and not client_id and not client_secret:
        return AsyncApiToken(api_token)
    if client_id and client_secret and not api_token:
        return AsyncClientCredentials(client_id, client_secret)
    raise ValueError("give either api_token, or client_id and client_secret")
