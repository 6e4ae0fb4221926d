"""What the tests share."""

from collections.abc import Iterator

import pytest
from server import Server

from valetkey import AgentConnect


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[AgentConnect]:
    with AgentConnect(server.url, api_token="vkt_token", timeout=5) as client:
        yield client


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the client makes; none is waited for."""
    made: list[float] = []

    async def no_wait(seconds: float) -> None:
        made.append(seconds)

    for module in ("transport", "bulk", "events"):
        monkeypatch.setattr(f"valetkey._sync.{module}.sync_sleep", made.append)
        monkeypatch.setattr(f"valetkey._async.{module}.async_sleep", no_wait)
    return made
