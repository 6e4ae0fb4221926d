"""From an operation and its fields to an HTTP request, and from an answer to a value. No input or output."""

from __future__ import annotations

import dataclasses
import json
import random
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from ._model import present, to_json
from .errors import AgentConnectError, ConnectionFailedError, RequestTimeoutError, error_of

#: Seconds before the first repetition, at the most; they double with each further one.
FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
#: A server that asks for more patience than this, in seconds, gets the caller to decide.
LONGEST_RETRY_AFTER = 60.0


@dataclasses.dataclass(frozen=True)
class Operation:
    """An RPC of the server over HTTP."""

    name: str
    method: str
    path: str

    @property
    def writes(self) -> bool:
        """Whether it changes something, so that a repetition needs an idempotency key."""
        return self.method != "GET"


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A request without its token. All attempts of one call are the same request."""

    method: str
    path: str
    query: list[tuple[str, str]]
    content: bytes | None
    headers: dict[str, str]


def prepare(operation: Operation, fields: Mapping[str, Any], idempotency_key: str | None = None) -> Prepared:
    """The request of an operation with these fields; those that are None are left out."""
    given = {name: to_json(value) for name, value in present(fields).items()}
    path = operation.path
    for name in list(given):
        if "{" + name + "}" in path:
            value = given.pop(name)
            # Dots alone would lead to another operation.
            if not isinstance(value, str) or value in ("", ".", ".."):
                raise ValueError(f"{name} must be a text that is not empty and not dots alone")
            path = path.replace("{" + name + "}", quote(value, safe=""))
    headers = {"accept": "application/json"}
    if operation.method in ("GET", "DELETE"):
        content, query = None, _query(given)
    else:
        content, query = json.dumps(given).encode(), []
        headers["content-type"] = "application/json"
    if operation.writes:
        headers["idempotency-key"] = idempotency_key or str(uuid.uuid4())
    return Prepared(operation.method, path, query, content, headers)


def _query(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return pairs


def answer(status: int, headers: Mapping[str, str], content: bytes) -> Any:
    """The JSON of an answer, or its error raised."""
    try:
        value = json.loads(content) if content else {}
    except ValueError:
        value = None
    if 200 <= status < 300 and isinstance(value, dict):
        return value
    raise error_of(status, value, retry_after(headers.get("retry-after")), headers.get("x-request-id", ""))


def retry_after(text: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 section 10.2.3)."""
    if not text:
        return None
    if text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())


def delay_after(error: AgentConnectError, repetitions: int) -> float | None:
    """Seconds to wait after an error; None where another attempt would not help."""
    transient = isinstance(error, (ConnectionFailedError, RequestTimeoutError)) or error.status in (429, 502, 503, 504)
    if not transient:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_RETRY_AFTER else None
    # Full jitter: callers that failed together do not come back together.
    longest: float = min(LONGEST_DELAY, FIRST_DELAY * 2**repetitions)
    return random.random() * longest


def metadata_terms(wanted: Any) -> list[str] | None:
    """Metadata that an account must have, as the list takes it: `path=value`, dots between the keys of objects."""
    if wanted is None:
        return None
    if isinstance(wanted, str):
        return [wanted]
    if isinstance(wanted, Mapping):
        return list(_terms("", wanted))
    return list(wanted)


def _terms(prefix: str, wanted: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for key, value in wanted.items():
        if isinstance(value, Mapping):
            found.extend(_terms(f"{prefix}{key}.", value))
        else:
            found.append(f"{prefix}{key}={_text(value)}")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
