"""What a client authenticates with."""

from __future__ import annotations

import time
from typing import Protocol

import httpx

from .._request import answer
from .._waiting import AsyncLock

#: Seconds before its end that an access token is renewed.
EARLY = 60.0


class AsyncCredentials(Protocol):
    """A source of bearer tokens."""

    async def token(self, http: httpx.AsyncClient) -> str:
        """The token for the next request."""
        ...

    def refuse(self, token: str) -> bool:
        """Notes that the server does not accept a token; whether another one can be had."""
        ...


class AsyncApiToken:
    """An API token, `vkt_…`."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self, http: httpx.AsyncClient) -> str:
        """The token."""
        return self._token

    def refuse(self, token: str) -> bool:
        """There is no other one."""
        return False


class AsyncClientCredentials:
    """The client credentials grant (RFC 6749 section 4.4); the access token is kept until shortly before its end."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._access_token: str | None = None
        self._good_until = 0.0
        self._lock = AsyncLock()

    async def token(self, http: httpx.AsyncClient) -> str:
        """The access token, a new one where the last has ended. Callers at the same time wait for one request."""
        async with self._lock:
            if self._access_token is None or time.monotonic() >= self._good_until:
                self._access_token = await self._request(http)
            return self._access_token

    def refuse(self, token: str) -> bool:
        """Forgets the token, where it is still the one in use."""
        if self._access_token == token:
            self._access_token = None
        return True

    async def _request(self, http: httpx.AsyncClient) -> str:
        from .transport import send

        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        asked_at = time.monotonic()
        got = await send(http, "POST", "/oauth/token", data=form)
        granted = answer(got.status_code, got.headers, got.content)
        lifetime = float(granted.get("expires_in", 0))
        self._good_until = asked_at + max(lifetime - EARLY, lifetime / 2)
        return str(granted["access_token"])
