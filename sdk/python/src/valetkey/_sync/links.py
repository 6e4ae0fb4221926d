# Written by scripts/generate.py. Do not edit.
"""Links to the hosted page."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _operations as operations
from ..models import Link, ListLinksResponse, RevokeLinkResponse
from .resource import Resource


class Links(Resource):
    """Links to the hosted page, on which a user authorizes."""

    def create(
        self,
        account_id: str,
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        return_url: str | None = None,
        scopes: Sequence[str] | None = None,
        state: str | None = None,
        user_verify_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Link:
        """Makes a link. Its address is in this answer only; whoever has it can authorize: do not log it."""
        fields = {
            "account_id": account_id,
            "expires_in": expires_in,
            "max_uses": max_uses,
            "return_url": return_url,
            "scopes": scopes,
            "state": state,
            "user_verify_url": user_verify_url,
        }
        return self._transport.call(operations.CreateLink, fields, Link, idempotency_key)

    def list(self, account_id: str) -> tuple[Link, ...]:
        """Lists the links of an account, newest first, without their addresses."""
        got = self._transport.call(operations.ListLinks, {"account_id": account_id}, ListLinksResponse)
        return got.links

    def revoke(self, link_id: str, *, idempotency_key: str | None = None) -> None:
        """Revokes a link. An authorization that it started cannot be completed any more."""
        fields = {"link_id": link_id}
        self._transport.call(operations.RevokeLink, fields, RevokeLinkResponse, idempotency_key)
