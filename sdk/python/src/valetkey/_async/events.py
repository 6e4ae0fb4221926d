"""The journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from .. import _operations as operations
from .._waiting import async_sleep
from ..models import Event, ListEventsResponse
from .page import AsyncPage
from .resource import AsyncResource


class AsyncEvents(AsyncResource):
    """What happened, oldest first."""

    async def list(
        self,
        *,
        account_id: str | None = None,
        connection_id: str | None = None,
        kind: str | Sequence[str] | None = None,
        since: datetime | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPage[Event]:
        """Lists what happened so far. `next_page_token` of the last page stays good for what happens later."""
        fields = {
            "account_id": account_id,
            "connection_id": connection_id,
            "kind": kind,
            "since": since,
            "page_size": page_size,
        }

        async def read(token: str | None) -> AsyncPage[Event]:
            asked = {**fields, "page_token": token}
            got = await self._transport.call(operations.ListEvents, asked, ListEventsResponse)
            return _EventPage(got.events, got.next_page_token, read)

        return await read(page_token)

    async def follow(
        self,
        *,
        account_id: str | None = None,
        connection_id: str | None = None,
        kind: str | Sequence[str] | None = None,
        since: datetime | None = None,
        interval: float = 5.0,
    ) -> AsyncIterator[Event]:
        """What happened and what happens, without an end. Where nothing does, asks again after `interval` seconds."""
        token: str | None = None
        while True:
            page = await self.list(
                account_id=account_id, connection_id=connection_id, kind=kind, since=since, page_token=token
            )
            for event in page:
                yield event
            token = page.next_page_token
            if not page:
                await async_sleep(interval)


class _EventPage(AsyncPage[Event]):
    """There is a token after every page; one without events is the last for now."""

    async def next(self) -> AsyncPage[Event] | None:
        return await super().next() if len(self) else None
