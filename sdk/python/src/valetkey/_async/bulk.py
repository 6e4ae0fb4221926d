"""Operations on many accounts: waiting for their end, and reading what became of their items."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from .. import _operations as operations
from .._waiting import async_sleep
from ..bulk import FIRST_LOOK, LONGEST_LOOK, BulkAccounts, BulkResults
from ..models import BulkOperation, BulkResult, ListBulkResultsResponse
from .page import AsyncPage
from .transport import AsyncTransport


async def finished(transport: AsyncTransport, operation: BulkOperation) -> BulkResults:
    """Waits for the end of an operation, and reads what became of its items."""
    look = FIRST_LOOK
    while operation.state != "finished":
        await async_sleep(look)
        look = min(LONGEST_LOOK, look * 2)
        operation = await transport.call(
            operations.GetBulkOperation, {"operation_id": operation.id}, BulkOperation
        )
    results: Sequence[BulkResult] = operation.results
    if len(results) != operation.total:
        page = await list_results(transport, {"operation_id": operation.id})
        results = [result async for result in page.all()]
    return BulkResults(dataclasses.replace(operation, results=tuple(results)), results)


async def created(transport: AsyncTransport, operation: BulkOperation) -> BulkAccounts:
    """Waits for the end of an operation that creates accounts."""
    return BulkAccounts(await finished(transport, operation))


async def list_results(transport: AsyncTransport, fields: dict[str, Any]) -> AsyncPage[BulkResult]:
    """Lists the results of an operation in the order of its items."""

    async def read(page_token: str | None) -> AsyncPage[BulkResult]:
        asked = {**fields, "page_token": page_token}
        got = await transport.call(operations.ListBulkResults, asked, ListBulkResultsResponse)
        return AsyncPage(got.results, got.next_page_token, read)

    return await read(fields.get("page_token"))
