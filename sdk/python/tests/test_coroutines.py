"""The client with coroutines is the same one."""

import asyncio
import inspect

from server import Reply, Server

import valetkey
from valetkey import AgentConnect, AsyncAgentConnect


def test_both_clients_have_the_same_methods(server: Server) -> None:
    async def compare() -> None:
        plain = AgentConnect(server.url, api_token="vkt_1")
        async with AsyncAgentConnect(server.url, api_token="vkt_1") as coroutines:
            for part in ("accounts", "links", "connections", "tokens", "bulk_operations", "events", "cleanup"):
                one, other = getattr(plain, part), getattr(coroutines, part)
                names = [name for name in dir(one) if not name.startswith("_")]
                assert names == [name for name in dir(other) if not name.startswith("_")] and names
                for name in names:
                    expected = inspect.signature(getattr(one, name)).parameters
                    assert inspect.signature(getattr(other, name)).parameters.keys() == expected.keys()
        plain.close()

    asyncio.run(compare())


def test_pages_are_read_as_they_are_needed(server: Server) -> None:
    server.replies = [
        Reply(value={"accounts": [{"id": "ca_1"}], "next_page_token": "n_2", "total_size": 2}),
        Reply(value={"accounts": [{"id": "ca_2"}], "next_page_token": ""}),
    ]

    async def read() -> list[str]:
        async with AsyncAgentConnect(server.url, api_token="vkt_1") as client:
            page = await client.accounts.list(status="active")
            assert (len(page), page.total_size, len(server.asked)) == (1, 2, 1)
            return [account.id async for account in page.all()]

    assert asyncio.run(read()) == ["ca_1", "ca_2"]
    assert server.asked[1].path == "/v1/connect/accounts?status=active&page_token=n_2"


def test_everything_that_is_exported_exists() -> None:
    assert all(hasattr(valetkey, name) for name in valetkey.__all__)
