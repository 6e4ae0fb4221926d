# Written by scripts/generate.py. Do not edit.
"""Accounts that nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _operations as operations
from ..bulk import WAIT, BulkResults
from ..models import BulkOperation, CleanupCandidate, CleanupReport
from .bulk import finished
from .page import Page
from .resource import Resource


class Cleanup(Resource):
    """First a report, then a deed. `policy` has the fields of `CleanupPolicy`, such as `{"unused_days": 90}`."""

    def report(
        self, policy: Mapping[str, Any], *, page_size: int | None = None, page_token: str | None = None
    ) -> Page[CleanupCandidate]:
        """Lists the accounts that a policy finds, and why. Nothing is changed."""

        def read(token: str | None) -> Page[CleanupCandidate]:
            asked = {"policy": policy, "page_size": page_size, "page_token": token}
            got = self._transport.call(operations.ReportCleanup, asked, CleanupReport)
            return Page(got.candidates, got.next_page_token, read)

        return read(page_token)

    def run(
        self,
        policy: Mapping[str, Any],
        account_ids: Iterable[str],
        action: str,
        *,
        idempotency_key: str | None = None,
    ) -> BulkResults:
        """Disconnects or deletes accounts of a report (`action` is disconnect or delete), and waits for the end. One
        that the policy does not find any more is left as it is, with CLEANUP_NOT_NEEDED.
        """
        fields = {"policy": policy, "account_ids": list(account_ids), "action": action, "wait_seconds": WAIT}
        begun = self._transport.call(operations.RunCleanup, fields, BulkOperation, idempotency_key)
        return finished(self._transport, begun)
