"""Connections."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _operations as operations
from ..models import Connection, ListConnectionsResponse
from .page import AsyncPage
from .resource import AsyncResource


class AsyncConnections(AsyncResource):
    """The ways of an environment to providers. `connection_id` is the id or the name of one."""

    async def list(
        self, *, provider: str | None = None, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPage[Connection]:
        """Lists the connections of the environment."""

        async def read(token: str | None) -> AsyncPage[Connection]:
            asked = {"provider": provider, "page_size": page_size, "page_token": token}
            got = await self._transport.call(operations.ListConnections, asked, ListConnectionsResponse)
            return AsyncPage(got.connections, got.next_page_token, read)

        return await read(page_token)

    async def get(self, connection_id: str) -> Connection:
        """Reads a connection."""
        return await self._transport.call(operations.GetConnection, {"connection_id": connection_id}, Connection)

    async def set_redirect_uris(self, connection_id: str, redirect_uris: Sequence[str]) -> Connection:
        """Replaces the list of callbacks of applications: https, or http on the loopback, compared as they are."""
        fields = {"connection_id": connection_id, "redirect_uris": redirect_uris}
        return await self._transport.call(operations.SetRedirectUris, fields, Connection)
