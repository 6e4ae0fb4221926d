# Written by scripts/generate.py. Do not edit.
"""API tokens."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _operations as operations
from ..models import ApiToken, CreateApiTokenResponse, ListApiTokensResponse
from .resource import Resource


class Tokens(Resource):
    """Long-lived bearer tokens, for scripts and servers that do not use client credentials."""

    def create(
        self,
        name: str,
        *,
        permissions: Sequence[str] | None = None,
        expires_in: int | None = None,
        idempotency_key: str | None = None,
    ) -> CreateApiTokenResponse:
        """Creates a token, which can do no more than its creator. The token itself is in this answer only."""
        fields = {"name": name, "permissions": permissions, "expires_in": expires_in}
        return self._transport.call(operations.CreateApiToken, fields, CreateApiTokenResponse, idempotency_key)

    def list(self, *, include_inactive: bool | None = None) -> tuple[ApiToken, ...]:
        """Lists tokens, newest first, without the tokens themselves."""
        fields = {"include_inactive": include_inactive}
        return (self._transport.call(operations.ListApiTokens, fields, ListApiTokensResponse)).api_tokens

    def get(self, token_id: str) -> ApiToken:
        """Reads what is known of a token."""
        return self._transport.call(operations.GetApiToken, {"token_id": token_id}, ApiToken)

    def revoke(self, token_id: str, *, idempotency_key: str | None = None) -> ApiToken:
        """Revokes a token at once."""
        return self._transport.call(operations.RevokeApiToken, {"token_id": token_id}, ApiToken, idempotency_key)
