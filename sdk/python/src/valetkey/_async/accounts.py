"""Connected accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from .. import _operations as operations
from .._request import metadata_terms
from ..bulk import WAIT, BulkAccounts, BulkResults
from ..models import (
    Account,
    AccountHealth,
    AccountSettings,
    AccountStatus,
    AccountUsage,
    AuthUrl,
    BulkOperation,
    CredentialAnswer,
    DeleteAccountResponse,
    ExchangeCodeResponse,
    ListAccountsResponse,
    Metadata,
    SettingsAnswer,
    TestTokens,
    TokenStatus,
)
from .bulk import created, finished
from .page import AsyncPage
from .resource import AsyncResource

Settings = AccountSettings | Mapping[str, Any]


class AsyncAccounts(AsyncResource):
    """Connected accounts: what one user has granted on one connection. `account_id` is the id of one, `ca_…`."""

    async def create(
        self,
        *,
        identifier: str,
        connection_id: str | None = None,
        connection_name: str | None = None,
        identifier_type: str | None = None,
        scopes: Sequence[str] | None = None,
        settings: Settings | None = None,
        metadata: Mapping[str, Any] | None = None,
        test_mode: bool | None = None,
        organization_id: str | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Account:
        """Creates the account of an identifier on a connection. It is pending until its user has authorized.

        Raises ConflictError, ACCOUNT_ALREADY_EXISTS, where the identifier has one.
        """
        fields = {
            "identifier": identifier,
            "connection_id": connection_id,
            "connection_name": connection_name,
            "identifier_type": identifier_type,
            "scopes": scopes,
            "settings": _settings(settings),
            "metadata": metadata,
            "test_mode": test_mode,
            "organization_id": organization_id,
            "user_id": user_id,
        }
        return await self._transport.call(operations.CreateAccount, fields, Account, idempotency_key)

    async def list(
        self,
        *,
        connection_id: str | None = None,
        status: str | Sequence[str] | None = None,
        provider: str | None = None,
        identifier: str | None = None,
        identifier_type: str | None = None,
        metadata: Mapping[str, Any] | Sequence[str] | str | None = None,
        updated_since: datetime | None = None,
        test_mode: bool | None = None,
        organization_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPage[Account]:
        """Lists the accounts that meet all filters, oldest first."""
        fields = {
            "connection_id": connection_id,
            "status": status,
            "provider": provider,
            "identifier": identifier,
            "identifier_type": identifier_type,
            "metadata": metadata_terms(metadata),
            "updated_since": updated_since,
            "test_mode": test_mode,
            "organization_id": organization_id,
            "page_size": page_size,
        }

        async def read(token: str | None) -> AsyncPage[Account]:
            asked = {**fields, "page_token": token}
            got = await self._transport.call(operations.ListAccounts, asked, ListAccountsResponse)
            return AsyncPage(got.accounts, got.next_page_token, read, got.total_size)

        return await read(page_token)

    async def get(self, account_id: str) -> Account:
        """Reads an account, in whatever state it is. No credential is in the answer."""
        return await self._transport.call(operations.GetAccount, {"account_id": account_id}, Account)

    async def delete(self, account_id: str, *, idempotency_key: str | None = None) -> None:
        """Deletes an account and its credential; the provider is told in the background."""
        fields = {"account_id": account_id}
        await self._transport.call(operations.DeleteAccount, fields, DeleteAccountResponse, idempotency_key)

    async def get_auth_url(
        self,
        account_id: str,
        *,
        state: str | None = None,
        redirect_uri: str | None = None,
        scopes: Sequence[str] | None = None,
        user_verify_url: str | None = None,
    ) -> str:
        """Makes the address that the user opens to authorize: the provider's own where `redirect_uri` names the
        application's callback, else the hosted page. Whoever has it can authorize: do not log it.
        """
        fields = {
            "account_id": account_id,
            "state": state,
            "redirect_uri": redirect_uri,
            "scopes": scopes,
            "user_verify_url": user_verify_url,
        }
        return (await self._transport.call(operations.GetAuthUrl, fields, AuthUrl)).url

    async def exchange_code(self, account_id: str, code: str, state: str, *, iss: str | None = None) -> Account:
        """Completes an authorization that came back to the application's own callback, with `code` and `state` as they
        came. Works once for each state. The account is active afterwards.
        """
        fields = {"account_id": account_id, "code": code, "state": state, "iss": iss}
        got = await self._transport.call(operations.ExchangeCode, fields, ExchangeCodeResponse)
        return got.account or Account()

    async def get_status(self, account_id: str) -> str:
        """Reads the state of an account: pending, active, expired, revoked, error or suspended."""
        return (await self.get_status_details(account_id)).status

    async def get_status_details(self, account_id: str) -> AccountStatus:
        """Reads the state of an account, why it is in it, and what ends it."""
        return await self._transport.call(operations.GetAccountStatus, {"account_id": account_id}, AccountStatus)

    async def get_token_status(self, account_id: str) -> TokenStatus:
        """Reads what is known of the tokens of an account. No token is in the answer."""
        return await self._transport.call(operations.GetTokenStatus, {"account_id": account_id}, TokenStatus)

    async def refresh_tokens(self, account_id: str, *, idempotency_key: str | None = None) -> Account:
        """Refreshes the access token now, also where the account is not refreshed by itself."""
        return await self._transport.call(
            operations.RefreshTokens, {"account_id": account_id}, Account, idempotency_key
        )

    async def suspend(self, account_id: str, *, idempotency_key: str | None = None) -> Account:
        """Switches an account off for a while: no call is made with its credential, which is kept."""
        return await self._transport.call(
            operations.SuspendAccount, {"account_id": account_id}, Account, idempotency_key
        )

    async def resume(self, account_id: str, *, idempotency_key: str | None = None) -> Account:
        """Switches a suspended account on again, in the state that its credential has by then."""
        return await self._transport.call(
            operations.ResumeAccount, {"account_id": account_id}, Account, idempotency_key
        )

    async def disconnect(self, account_id: str, *, idempotency_key: str | None = None) -> Account:
        """Destroys the credential and keeps the account, which can be authorized again."""
        return await self._transport.call(
            operations.DisconnectAccount, {"account_id": account_id}, Account, idempotency_key
        )

    async def get_metadata(self, account_id: str) -> dict[str, Any]:
        """Reads the application's own values, and what the provider has told of the user."""
        got = await self._transport.call(operations.GetMetadata, {"account_id": account_id}, Metadata)
        return dict(got.metadata or {})

    async def update_metadata(self, account_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Merges keys into the metadata: objects are merged, None removes a key, anything else replaces (RFC 7396)."""
        fields = {"account_id": account_id, "metadata": metadata}
        return dict((await self._transport.call(operations.UpdateMetadata, fields, Metadata)).metadata or {})

    async def replace_metadata(self, account_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the application's metadata as a whole. What the provider has told stays."""
        fields = {"account_id": account_id, "metadata": metadata}
        return dict((await self._transport.call(operations.ReplaceMetadata, fields, Metadata)).metadata or {})

    async def get_settings(self, account_id: str) -> AccountSettings:
        """Reads the settings of an account. What is None has its default."""
        got = await self._transport.call(operations.GetSettings, {"account_id": account_id}, SettingsAnswer)
        return got.settings or AccountSettings()

    async def update_settings(self, account_id: str, settings: Settings) -> AccountSettings:
        """Changes the settings that are named and leaves the others as they are."""
        fields = {"account_id": account_id, "settings": _settings(settings)}
        got = await self._transport.call(operations.UpdateSettings, fields, SettingsAnswer)
        return got.settings or AccountSettings()

    async def get_health(self, account_id: str) -> AccountHealth:
        """Reads how well an account works. Counts cover the last 30 days, today included, in UTC."""
        return await self._transport.call(operations.GetAccountHealth, {"account_id": account_id}, AccountHealth)

    async def get_usage(
        self, account_id: str, *, start_date: date | str | None = None, end_date: date | str | None = None
    ) -> AccountUsage:
        """Reads what an account was used for, by day in UTC; both days are included."""
        fields = {"account_id": account_id, "start_date": start_date, "end_date": end_date}
        return await self._transport.call(operations.GetAccountUsage, fields, AccountUsage)

    async def get_test_tokens(self, account_id: str) -> TestTokens:
        """Reads the tokens of a test account, which are good at the test provider only."""
        return await self._transport.call(operations.GetTestTokens, {"account_id": account_id}, TestTokens)

    async def read_credential(self, account_id: str) -> CredentialAnswer:
        """Reads the credential of an account. Needs a permission that nobody has unless it was given; journalled."""
        return await self._transport.call(operations.ReadCredential, {"account_id": account_id}, CredentialAnswer)

    async def create_bulk(
        self, accounts: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> BulkAccounts:
        """Creates the accounts that do not exist yet, and waits for the end. `failed` says what failed."""
        fields = {"accounts": list(accounts), "wait_seconds": WAIT}
        begun = await self._transport.call(operations.BulkCreateAccounts, fields, BulkOperation, idempotency_key)
        return await created(self._transport, begun)

    async def refresh_tokens_bulk(
        self, account_ids: Iterable[str], *, idempotency_key: str | None = None
    ) -> BulkResults:
        """Refreshes the access tokens of accounts, and waits for the end."""
        fields = {"account_ids": list(account_ids), "wait_seconds": WAIT}
        begun = await self._transport.call(operations.BulkRefreshTokens, fields, BulkOperation, idempotency_key)
        return await finished(self._transport, begun)

    async def update_settings_bulk(
        self, account_ids: Iterable[str], settings: Settings, *, idempotency_key: str | None = None
    ) -> BulkResults:
        """Changes the settings that are named on all of the accounts, and waits for the end."""
        fields = {"account_ids": list(account_ids), "settings": _settings(settings), "wait_seconds": WAIT}
        begun = await self._transport.call(operations.BulkUpdateSettings, fields, BulkOperation, idempotency_key)
        return await finished(self._transport, begun)

    async def delete_bulk(self, account_ids: Iterable[str], *, idempotency_key: str | None = None) -> BulkResults:
        """Deletes accounts and their credentials, and waits for the end."""
        fields = {"account_ids": list(account_ids), "wait_seconds": WAIT}
        begun = await self._transport.call(operations.BulkDeleteAccounts, fields, BulkOperation, idempotency_key)
        return await finished(self._transport, begun)


def _settings(settings: Settings | None) -> Mapping[str, Any] | None:
    if isinstance(settings, AccountSettings):
        return settings.to_json()
    return settings
