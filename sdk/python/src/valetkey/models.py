# Written by scripts/generate.py. Do not edit.
"""The messages of the API, as they are answered. What a later server adds is left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from ._model import Model, Reader, each, moment

__all__ = [
    "Account",
    "AccountHealth",
    "AccountSettings",
    "AccountStatus",
    "AccountUsage",
    "ApiHealth",
    "ApiToken",
    "AuthUrl",
    "AuthenticationHealth",
    "BulkOperation",
    "BulkResult",
    "CleanupCandidate",
    "CleanupPolicy",
    "CleanupReport",
    "Connection",
    "CreateApiTokenResponse",
    "CredentialAnswer",
    "DayUsage",
    "DeleteAccountResponse",
    "ErrorAnswer",
    "ErrorDetail",
    "Event",
    "ExchangeCodeResponse",
    "Forecast",
    "Link",
    "ListAccountsResponse",
    "ListApiTokensResponse",
    "ListBulkResultsResponse",
    "ListConnectionsResponse",
    "ListEventsResponse",
    "ListLinksResponse",
    "Metadata",
    "RevokeLinkResponse",
    "SettingsAnswer",
    "TestTokens",
    "TokenStatus",
    "ToolUsage",
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account(Model):
    """A connected account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "status_changed_at": lambda value: moment(value),
        "scopes": lambda value: tuple(value),
        "requested_scopes": lambda value: tuple(value),
        "expires_at": lambda value: moment(value),
        "created_at": lambda value: moment(value),
        "updated_at": lambda value: moment(value),
        "last_used_at": lambda value: moment(value),
        "last_authorized_at": lambda value: moment(value),
        "settings": lambda value: AccountSettings.from_json(value),
    }

    #: Id, `ca_…`.
    id: str = ""
    #: Id of its connection, `conn_…`.
    connection_id: str = ""
    #: Name of its connection.
    connection_name: str = ""
    #: The application's own key for the user.
    identifier: str = ""
    #: What kind of key that is: user_id, org_id, email or custom.
    identifier_type: str = ""
    #: Organization the account belongs to.
    organization_id: str | None = None
    #: User of the organization.
    user_id: str | None = None
    #: Slug of the provider, such as gmail.
    provider: str = ""
    #: pending, active, expired, revoked, error or suspended. Only active lets a call through.
    status: str = ""
    #: Why it is in that state, such as not_authorized or refresh_failed.
    status_reason: str = ""
    #: What ends the state: none, refresh, reauthorize, fix_connection, verify or resume.
    next_action: str = ""
    #: Since when it is in that state.
    status_changed_at: datetime | None = None
    #: How its connection authenticates.
    connector_type: str = ""
    #: Whether its connection works.
    connector_status: str = ""
    #: The scopes that its user has granted.
    scopes: tuple[str, ...] = ()
    #: The scopes that were asked for, where they are fewer than the connection's.
    requested_scopes: tuple[str, ...] = ()
    #: When the access token runs out; absent where it does not, or is not known.
    expires_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    #: When its credential was last used.
    last_used_at: datetime | None = None
    #: When its user last authorized.
    last_authorized_at: datetime | None = None
    #: The application's own values, and user_email and provider_account_id once the provider has told them.
    metadata: Mapping[str, Any] | None = None
    settings: AccountSettings | None = None
    #: Whether it is a test account.
    test_mode: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountHealth(Model):
    """How well an account works."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "status": lambda value: AccountStatus.from_json(value),
        "token": lambda value: TokenStatus.from_json(value),
        "authentication": lambda value: AuthenticationHealth.from_json(value),
        "api": lambda value: ApiHealth.from_json(value),
        "forecast": lambda value: Forecast.from_json(value),
        "window_start": lambda value: moment(value),
        "window_end": lambda value: moment(value),
    }

    account_id: str = ""
    status: AccountStatus | None = None
    token: TokenStatus | None = None
    authentication: AuthenticationHealth | None = None
    api: ApiHealth | None = None
    forecast: Forecast | None = None
    #: The time that the counts cover.
    window_start: datetime | None = None
    window_end: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountSettings(Model):
    """What an application sets on one account. Absent means the default."""

    #: Whether the access token is refreshed by itself. Default: true.
    auto_refresh: bool | None = None
    #: For how many seconds an access token is used at the most, 60 to 31536000; also its lifetime where the
    #: provider names none.
    expires_in: int | None = None
    #: Calls a minute, 1 to 1000000. Default: no limit.
    rate_limit: int | None = None
    #: Seconds that a call may take, 1 to 600. Default: 30.
    timeout: int | None = None
    #: How often a call that may be repeated is repeated where the provider is busy or away, 0 to 10. Default: 0.
    retry_attempts: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountStatus(Model):
    """The state of an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "status_changed_at": lambda value: moment(value),
    }

    #: pending, active, expired, revoked, error or suspended.
    status: str = ""
    #: Why.
    status_reason: str = ""
    #: What ends it.
    next_action: str = ""
    #: Since when.
    status_changed_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountUsage(Model):
    """What an account was used for."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "most_used_tools": lambda value: each(ToolUsage.from_json)(value),
        "days": lambda value: each(DayUsage.from_json)(value),
    }

    account_id: str = ""
    #: First and last day, both included.
    start_date: str = ""
    end_date: str = ""
    #: Executions of tools.
    tool_executions: int = 0
    #: Proxied requests.
    api_requests: int = 0
    provider_errors: int = 0
    platform_errors: int = 0
    #: Share of the calls that failed, 0 to 1; absent where there were none.
    error_rate: float | None = None
    #: The ten tools that were executed most.
    most_used_tools: tuple[ToolUsage, ...] = ()
    #: The days on which there were calls.
    days: tuple[DayUsage, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ApiHealth(Model):
    """Calls made with an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "last_used_at": lambda value: moment(value),
    }

    #: Executions of tools and proxied requests.
    calls: int = 0
    #: Those that the provider refused or failed.
    provider_errors: int = 0
    #: Those that this server refused or failed.
    platform_errors: int = 0
    #: Share of both, 0 to 1; absent where there were no calls.
    error_rate: float | None = None
    last_used_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ApiToken(Model):
    """An API token, without the token itself."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "permissions": lambda value: tuple(value),
        "created_at": lambda value: moment(value),
        "expires_at": lambda value: moment(value),
        "last_used_at": lambda value: moment(value),
        "revoked_at": lambda value: moment(value),
    }

    #: Id, `tok_…`.
    id: str = ""
    #: A name for people.
    name: str = ""
    #: Its last characters.
    hint: str = ""
    #: What it may do, such as connected_accounts:read.
    permissions: tuple[str, ...] = ()
    #: Who created it: the id of an API client or of another token, or operator.
    created_by: str = ""
    created_at: datetime | None = None
    #: When it stops working.
    expires_at: datetime | None = None
    #: When it was last used, to the minute.
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class AuthUrl(Model):
    """An address for the user to open."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "expires_at": lambda value: moment(value),
    }

    #: Whoever has it can authorize: do not log it.
    url: str = dataclasses.field(default="", repr=False)
    #: When it stops working.
    expires_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class AuthenticationHealth(Model):
    """Authorizations and refreshes of an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "last_success_at": lambda value: moment(value),
        "last_failure_at": lambda value: moment(value),
    }

    #: Authorizations that ended, by a user or by an import. One that nobody came back from is not counted.
    authorizations: int = 0
    authorizations_succeeded: int = 0
    #: Refreshes that ended.
    refreshes: int = 0
    refreshes_succeeded: int = 0
    #: Share of both that succeeded, 0 to 1; absent where there were none.
    success_rate: float | None = None
    #: When an authorization or a refresh last succeeded, whenever that was.
    last_success_at: datetime | None = None
    #: When one last failed.
    last_failure_at: datetime | None = None
    #: How the last one failed, such as denied, exchange_failed, verification_refused, transient or grant_revoked.
    last_failure: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BulkOperation(Model):
    """An operation on many accounts."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "created_at": lambda value: moment(value),
        "finished_at": lambda value: moment(value),
        "results": lambda value: each(BulkResult.from_json)(value),
    }

    #: Id, `bulk_…`.
    id: str = ""
    #: create, refresh, update_settings, delete or disconnect.
    kind: str = ""
    #: running or finished.
    state: str = ""
    total: int = 0
    succeeded: int = 0
    failed: int = 0
    created_at: datetime | None = None
    finished_at: datetime | None = None
    #: The results in the order of the items, if it is finished and has at most 1000; else ListBulkResults has them.
    results: tuple[BulkResult, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class BulkResult(Model):
    """What became of one item."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "account": lambda value: Account.from_json(value),
        "error": lambda value: ErrorAnswer.from_json(value),
    }

    #: Place of the item in the request, from 0.
    index: int = 0
    #: pending, succeeded or failed.
    state: str = ""
    #: Id of the account, once it is known.
    account_id: str = ""
    #: The account as it is, if the item succeeded and the account exists.
    account: Account | None = None
    #: Whether this operation created the account.
    created: bool = False
    #: Why the item failed.
    error: ErrorAnswer | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CleanupCandidate(Model):
    """An account that a policy finds."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "account": lambda value: Account.from_json(value),
        "since": lambda value: moment(value),
    }

    account: Account | None = None
    #: unused, expired, pending or orphaned.
    rule: str = ""
    #: Since when what the rule says is so: the last use, or when the account expired, began to be pending or lost
    #: its connection.
    since: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CleanupPolicy(Model):
    """Which accounts nobody needs any more. A rule that is absent finds none."""

    #: Active, and for this many days, 1 to 3650, neither used nor authorized.
    unused_days: int | None = None
    #: Expired, revoked, disconnected or in error for this many days.
    expired_days: int | None = None
    #: Pending for this many days.
    pending_days: int | None = None
    #: Of an organization of this server that does not exist any more, or of a connection that was disabled, and has
    #: not been changed since, 30 days ago.
    orphaned: bool = False
    #: Of this connection only, by id or name.
    connection_id: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CleanupReport(Model):
    """Accounts that a policy finds."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "candidates": lambda value: each(CleanupCandidate.from_json)(value),
    }

    #: Oldest first. Fewer than page_size, or none, where many accounts that are needed lie between.
    candidates: tuple[CleanupCandidate, ...] = ()
    #: Token of the next page; empty on the last.
    next_page_token: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Connection(Model):
    """A connection: one way of an environment to one provider."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "scopes": lambda value: tuple(value),
        "allowed_redirect_uris": lambda value: tuple(value),
        "created_at": lambda value: moment(value),
        "updated_at": lambda value: moment(value),
    }

    #: Id, `conn_…`.
    id: str = ""
    #: Name, unique in the environment.
    name: str = ""
    #: Slug of the provider, such as gmail.
    provider: str = ""
    type: str = ""
    status: str = ""
    #: What is wrong or missing; empty where it works.
    status_reason: str = ""
    #: The scopes that users are asked for.
    scopes: tuple[str, ...] = ()
    #: The server's own callback, which is registered at the provider.
    redirect_uri: str = ""
    #: Callbacks of applications that may be named in an authorization URL.
    allowed_redirect_uris: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CreateApiTokenResponse(Model):
    """Answer of CreateApiToken."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "api_token": lambda value: ApiToken.from_json(value),
    }

    api_token: ApiToken | None = None
    #: The token, `vkt_…`. Only its hash is stored.
    token: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CredentialAnswer(Model):
    """The credential of an account: an OAuth token, or the values of a form."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "expires_at": lambda value: moment(value),
        "scopes": lambda value: tuple(value),
    }

    access_token: str | None = dataclasses.field(default=None, repr=False)
    refresh_token: str | None = dataclasses.field(default=None, repr=False)
    #: Such as Bearer.
    token_type: str | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    #: What the user filled in, by field name.
    fields: Mapping[str, str] | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DayUsage(Model):
    """One day."""

    #: YYYY-MM-DD.
    date: str = ""
    tool_executions: int = 0
    api_requests: int = 0
    provider_errors: int = 0
    platform_errors: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeleteAccountResponse(Model):
    """Answer of DeleteAccount."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ErrorAnswer(Model):
    """An error as the /v1/connect API answers it."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "details": lambda value: each(ErrorDetail.from_json)(value),
    }

    #: Stable code, such as ACCOUNT_NOT_FOUND.
    code: str = ""
    #: What failed, with which named thing, and what to do.
    message: str = ""
    #: The reason of the account's state, where the state is the cause.
    reason: str = ""
    #: What the caller can do: none, refresh, reauthorize, fix_connection, verify, resume, fix_request,
    #: authenticate, ask_permission, retry or contact_operator.
    next_action: str = ""
    #: Names the request in the logs of the server.
    request_id: str = ""
    #: The fields of the request that break a rule, and further facts.
    details: tuple[ErrorDetail, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ErrorDetail(Model):
    """One fact about an error."""

    #: Path in the request.
    field: str = ""
    description: str = ""
    #: Name of the rule, such as string.max_len.
    constraint: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event(Model):
    """Something that happened."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "created_at": lambda value: moment(value),
    }

    id: str = ""
    #: Such as account.state_changed.
    kind: str = ""
    account_id: str | None = None
    connection_id: str | None = None
    #: Who: the id of an API client or of an API token, operator, user or server.
    actor: str = ""
    details: Mapping[str, Any] | None = None
    created_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExchangeCodeResponse(Model):
    """Answer of ExchangeCode."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "account": lambda value: Account.from_json(value),
    }

    #: The account, which is active.
    account: Account | None = None
    #: The application's own state that was given to GetAuthUrl.
    state: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Forecast(Model):
    """When a person is needed next."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "at": lambda value: moment(value),
    }

    #: now, at (a known time), none (as far as can be seen) or unknown.
    person_needed: str = ""
    #: When, if it is known; for unknown, when the access token runs out.
    at: datetime | None = None
    #: Why, in a sentence.
    explanation: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Link(Model):
    """A link to the hosted page."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "scopes": lambda value: tuple(value),
        "created_at": lambda value: moment(value),
        "expires_at": lambda value: moment(value),
        "opened_at": lambda value: moment(value),
        "used_at": lambda value: moment(value),
        "revoked_at": lambda value: moment(value),
    }

    #: Id, with which it can be revoked.
    id: str = ""
    account_id: str = ""
    #: The address to open, only in the answer of CreateLink. Whoever has it can authorize: do not log it.
    url: str = dataclasses.field(default="", repr=False)
    #: usable, used, revoked or expired.
    state: str = ""
    max_uses: int = 0
    #: Authorizations completed with it.
    uses: int = 0
    scopes: tuple[str, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    #: When it was first opened.
    opened_at: datetime | None = None
    #: When an authorization was last completed with it.
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListAccountsResponse(Model):
    """A page of accounts."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "accounts": lambda value: each(Account.from_json)(value),
    }

    accounts: tuple[Account, ...] = ()
    #: Token of the next page; empty on the last.
    next_page_token: str = ""
    #: How many accounts meet the filters; absent above 10000.
    total_size: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListApiTokensResponse(Model):
    """API tokens."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "api_tokens": lambda value: each(ApiToken.from_json)(value),
    }

    api_tokens: tuple[ApiToken, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListBulkResultsResponse(Model):
    """A page of results."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "results": lambda value: each(BulkResult.from_json)(value),
    }

    results: tuple[BulkResult, ...] = ()
    #: Token of the next page; empty on the last.
    next_page_token: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListConnectionsResponse(Model):
    """A page of connections."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "connections": lambda value: each(Connection.from_json)(value),
    }

    connections: tuple[Connection, ...] = ()
    #: Token of the next page; empty on the last.
    next_page_token: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListEventsResponse(Model):
    """A page of events."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "events": lambda value: each(Event.from_json)(value),
    }

    #: Fewer than page_size, or none, where much that was not asked for lies between.
    events: tuple[Event, ...] = ()
    #: Token for what comes after this page, also where nothing has come yet.
    next_page_token: str = ""
    #: Whether more may follow at once. Where not, ask again after a while.
    more: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListLinksResponse(Model):
    """The links of an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "links": lambda value: each(Link.from_json)(value),
    }

    links: tuple[Link, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metadata(Model):
    """The metadata of an account."""

    metadata: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class RevokeLinkResponse(Model):
    """Answer of RevokeLink."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SettingsAnswer(Model):
    """The settings of an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "settings": lambda value: AccountSettings.from_json(value),
    }

    settings: AccountSettings | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class TestTokens(Model):
    """Tokens of the test provider."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "expires_at": lambda value: moment(value),
        "scopes": lambda value: tuple(value),
    }

    access_token: str = dataclasses.field(default="", repr=False)
    refresh_token: str | None = dataclasses.field(default=None, repr=False)
    #: Such as Bearer.
    token_type: str = ""
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenStatus(Model):
    """What is known of the tokens of an account."""

    _READ: ClassVar[Mapping[str, Reader]] = {
        "issued_at": lambda value: moment(value),
        "expires_at": lambda value: moment(value),
        "next_refresh_at": lambda value: moment(value),
        "last_refresh_at": lambda value: moment(value),
    }

    #: none, valid, expiring (refreshed soon), expired, or not_expiring.
    state: str = ""
    #: When the access token was issued.
    issued_at: datetime | None = None
    #: When it runs out, where that is known.
    expires_at: datetime | None = None
    #: Whether there is something to refresh it with.
    refreshable: bool = False
    #: Whether it is refreshed by itself.
    auto_refresh: bool = False
    #: When it is refreshed next by itself.
    next_refresh_at: datetime | None = None
    #: Counts the credentials that the account has had; 0 without one.
    generation: int = 0
    #: Refreshes that failed in a row.
    consecutive_failures: int = 0
    #: What became of the last refresh: success, transient, rate_limited, grant_revoked and so on.
    last_outcome: str | None = None
    #: What the provider said about it.
    last_detail: str | None = None
    #: When that was.
    last_refresh_at: datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToolUsage(Model):
    """Executions of one tool."""

    tool_name: str = ""
    executions: int = 0
    errors: int = 0
