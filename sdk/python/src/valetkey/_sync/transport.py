# Written by scripts/generate.py. Do not edit.
"""Carries out operations: authenticates, repeats what may be repeated, reads answers and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from .._model import ModelType
from .._request import Operation, Prepared, answer, delay_after, prepare
from .._waiting import sync_sleep
from ..errors import AgentConnectError, AuthenticationError, ConnectionFailedError, RequestTimeoutError
from .credentials import Credentials


class Transport:
    """One connection pool to one server."""

    def __init__(self, http: httpx.Client, credentials: Credentials, max_retries: int) -> None:
        self._http = http
        self._credentials = credentials
        self._max_retries = max_retries

    def call(
        self,
        operation: Operation,
        fields: Mapping[str, Any],
        answer_type: type[ModelType],
        idempotency_key: str | None = None,
    ) -> ModelType:
        """Carries out an operation. All attempts of one call have the same idempotency key."""
        request = prepare(operation, fields, idempotency_key)
        repetitions = 0
        while True:
            try:
                return answer_type.from_json(self._authenticated(request))
            except AgentConnectError as error:
                delay = delay_after(error, repetitions) if repetitions < self._max_retries else None
                if delay is None:
                    raise
            sync_sleep(delay)
            repetitions += 1

    def close(self) -> None:
        """Closes the connections to the server."""
        self._http.close()

    def _authenticated(self, request: Prepared) -> Any:
        """One attempt, or two where the token was refused and another one can be had."""
        token = self._credentials.token(self._http)
        try:
            return self._send(request, token)
        except AuthenticationError:
            if not self._credentials.refuse(token):
                raise
        return self._send(request, self._credentials.token(self._http))

    def _send(self, request: Prepared, token: str) -> Any:
        headers = {**request.headers, "authorization": f"Bearer {token}"}
        got = send(
            self._http, request.method, request.path, params=request.query, content=request.content, headers=headers
        )
        return answer(got.status_code, got.headers, got.content)


def send(http: httpx.Client, method: str, path: str, **parts: Any) -> httpx.Response:
    """Sends one request. Messages of the HTTP library are not passed on: they can name what was sent."""
    try:
        return http.request(method, path, **parts)
    except httpx.TimeoutException as error:
        message = f"{method} {path} was not answered in time"
        raise RequestTimeoutError(message, code="TIMEOUT") from error
    except httpx.TransportError as error:
        message = f"{method} {path} failed: the server was not reached, or the connection broke"
        raise ConnectionFailedError(message, code="CONNECTION_FAILED") from error
