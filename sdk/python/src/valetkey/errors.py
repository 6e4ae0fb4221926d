"""What a call can fail with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .models import ErrorDetail

_OF_STATE = frozenset(
    ("ACCOUNT_PENDING", "ACCOUNT_EXPIRED", "ACCOUNT_REVOKED", "ACCOUNT_ERROR", "ACCOUNT_SUSPENDED")
)


class AgentConnectError(Exception):
    """A call that failed. `code` is stable, such as `ACCOUNT_NOT_FOUND`; a later server may have further codes."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        reason: str = "",
        next_action: str = "",
        request_id: str = "",
        details: Sequence[ErrorDetail] = (),
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        #: The reason of the account's state, where the state is the cause; else empty.
        self.reason = reason
        #: What the caller can do, such as `reauthorize` or `fix_request`; empty where the server did not say.
        self.next_action = next_action
        #: Names the request in the logs of the server.
        self.request_id = request_id
        #: The fields of the request that break a rule, and further facts.
        self.details = tuple(details)
        #: HTTP status; 0 where there was no answer.
        self.status = status
        #: Seconds that the server asks to wait before the next attempt.
        self.retry_after = retry_after


class BadRequestError(AgentConnectError):
    """The request breaks a rule; `details` says which (400)."""


class AuthenticationError(AgentConnectError):
    """The token or the client's secret is not accepted (401)."""


class PermissionDeniedError(AgentConnectError):
    """The caller may not do this, or the user has not granted it (403)."""


class NotFoundError(AgentConnectError):
    """There is no such thing in the caller's environment (404)."""


class ConflictError(AgentConnectError):
    """What is there already does not allow this (409)."""


class AccountStateError(AgentConnectError):
    """The state of the account does not allow this; `code` names the state and `next_action` what ends it."""


class RateLimitError(AgentConnectError):
    """There were too many calls; `retry_after` says how long to wait (429)."""


class ServerError(AgentConnectError):
    """The server failed or is not available (5xx)."""


class ConnectionFailedError(AgentConnectError):
    """The server was not reached, or the connection broke before the answer was there."""


class RequestTimeoutError(AgentConnectError):
    """The answer was not there in time."""


_BY_STATUS: Mapping[int, type[AgentConnectError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def error_of(status: int, answer: Any, retry_after: float | None, request_id: str) -> AgentConnectError:
    """The error of an answer, in the class that fits."""
    told = answer if isinstance(answer, dict) else {}
    code = told.get("code")
    known = isinstance(code, str)
    message = told.get("message") or told.get("error_description")
    details = told.get("details") if known else None
    return _class_of(code if isinstance(code, str) else "", status)(
        message if isinstance(message, str) else f"the server answered with status {status}",
        code=code if isinstance(code, str) else str(told.get("error") or "UNEXPECTED_ANSWER"),
        reason=str(told.get("reason") or ""),
        next_action=str(told.get("next_action") or ""),
        request_id=str(told.get("request_id") or request_id),
        details=[ErrorDetail.from_json(detail) for detail in details or ()],
        status=status,
        retry_after=retry_after,
    )


def _class_of(code: str, status: int) -> type[AgentConnectError]:
    if code in _OF_STATE:
        return AccountStateError
    return _BY_STATUS.get(status, ServerError if status >= 500 else AgentConnectError)
