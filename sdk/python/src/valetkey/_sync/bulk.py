# Written by scripts/generate.py. Do not edit.
"""Operations on many accounts: waiting for their end, and reading what became of their items."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from .. import _operations as operations
from .._waiting import sync_sleep
from ..bulk import FIRST_LOOK, LONGEST_LOOK, BulkAccounts, BulkResults
from ..models import BulkOperation, BulkResult, ListBulkResultsResponse
from .page import Page
from .transport import Transport


def finished(transport: Transport, operation: BulkOperation) -> BulkResults:
    """Waits for the end of an operation, and reads what became of its items."""
    look = FIRST_LOOK
    while operation.state != "finished":
        sync_sleep(look)
        look = min(LONGEST_LOOK, look * 2)
        operation = transport.call(
            operations.GetBulkOperation, {"operation_id": operation.id}, BulkOperation
        )
    results: Sequence[BulkResult] = operation.results
    if len(results) != operation.total:
        page = list_results(transport, {"operation_id": operation.id})
        results = [result for result in page.all()]
    return BulkResults(dataclasses.replace(operation, results=tuple(results)), results)


def created(transport: Transport, operation: BulkOperation) -> BulkAccounts:
    """Waits for the end of an operation that creates accounts."""
    return BulkAccounts(finished(transport, operation))


def list_results(transport: Transport, fields: dict[str, Any]) -> Page[BulkResult]:
    """Lists the results of an operation in the order of its items."""

    def read(page_token: str | None) -> Page[BulkResult]:
        asked = {**fields, "page_token": page_token}
        got = transport.call(operations.ListBulkResults, asked, ListBulkResultsResponse)
        return Page(got.results, got.next_page_token, read)

    return read(fields.get("page_token"))
