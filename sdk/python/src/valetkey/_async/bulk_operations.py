"""Operations on many accounts, to be begun now and looked at later."""

from __future__ import annotations

from .. import _operations as operations
from ..bulk import BulkResults
from ..models import BulkOperation, BulkResult
from .bulk import finished, list_results
from .page import AsyncPage
from .resource import AsyncResource


class AsyncBulkOperations(AsyncResource):
    """Operations on many accounts. Those of `accounts` wait for the end; these look at them later."""

    async def get(self, operation_id: str) -> BulkOperation:
        """Reads how far an operation is."""
        return await self._transport.call(operations.GetBulkOperation, {"operation_id": operation_id}, BulkOperation)

    async def list_results(
        self,
        operation_id: str,
        *,
        failed_only: bool | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPage[BulkResult]:
        """Lists the results of an operation in the order of its items."""
        fields = {
            "operation_id": operation_id,
            "failed_only": failed_only,
            "page_size": page_size,
            "page_token": page_token,
        }
        return await list_results(self._transport, fields)

    async def wait(self, operation: BulkOperation) -> BulkResults:
        """Waits for the end of an operation, and reads what became of its items."""
        return await finished(self._transport, operation)
