# Written by scripts/generate.py. Do not edit.
"""What the parts of the client share."""

from __future__ import annotations

from .transport import Transport


class Resource:
    """A part of the client."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
