"""What the parts of the client share."""

from __future__ import annotations

from .transport import AsyncTransport


class AsyncResource:
    """A part of the client."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
