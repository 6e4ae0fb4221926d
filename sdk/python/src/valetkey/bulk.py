"""What became of operations on many accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from .models import Account, BulkOperation, BulkResult

#: Seconds between two looks at an operation that goes on: at first, and in the end.
FIRST_LOOK = 0.25
LONGEST_LOOK = 5.0
#: Seconds that the server waits for the end of an operation before it answers.
WAIT = 30


class BulkResults(Sequence[BulkResult]):
    """What became of each item of a finished operation, in the order of the items."""

    def __init__(self, operation: BulkOperation, results: Sequence[BulkResult]) -> None:
        #: The operation, with its counts.
        self.operation = operation
        self._results = tuple(results)

    @overload
    def __getitem__(self, place: int) -> BulkResult: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[BulkResult]: ...

    def __getitem__(self, place: int | slice) -> BulkResult | Sequence[BulkResult]:
        return self._results[place]

    def __len__(self) -> int:
        return len(self._results)

    @property
    def failed(self) -> list[BulkResult]:
        """The items that failed; `error` says why."""
        return [result for result in self._results if result.state == "failed"]


class BulkAccounts(Sequence[Account]):
    """The accounts of a finished operation whose items succeeded, in the order of the items."""

    def __init__(self, results: BulkResults) -> None:
        #: What became of each item.
        self.results = results
        self._accounts = tuple(result.account for result in results if result.account is not None)

    @overload
    def __getitem__(self, place: int) -> Account: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Account]: ...

    def __getitem__(self, place: int | slice) -> Account | Sequence[Account]:
        return self._accounts[place]

    def __len__(self) -> int:
        return len(self._accounts)

    @property
    def operation(self) -> BulkOperation:
        """The operation, with its counts."""
        return self.results.operation

    @property
    def failed(self) -> list[BulkResult]:
        """The items that failed; `error` says why."""
        return self.results.failed
