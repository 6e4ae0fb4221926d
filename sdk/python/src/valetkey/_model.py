"""What the generated models share: they are read from JSON, and tolerate what a later server adds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any, ClassVar, TypeVar

ModelType = TypeVar("ModelType", bound="Model")
Reader = Callable[[Any], Any]


class Model:
    """A message of the API."""

    #: How fields are read whose JSON is not their value.
    _READ: ClassVar[Mapping[str, Reader]] = {}

    @classmethod
    def from_json(cls: type[ModelType], value: Mapping[str, Any]) -> ModelType:
        """Reads a message. What it does not know is left out; what is absent has its default."""
        known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        given = {name: value[name] for name in known & value.keys() if value[name] is not None}
        return cls(**{name: cls._READ.get(name, same)(found) for name, found in given.items()})

    def to_json(self) -> dict[str, Any]:
        """The message as JSON, without what is None."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {name: to_json(value) for name, value in fields.items() if value is not None}


def same(value: Any) -> Any:
    """A value that is its JSON."""
    return value


def each(read: Reader) -> Reader:
    """Reads a list of what `read` reads."""
    return lambda values: tuple(read(value) for value in values)


def moment(text: str) -> datetime:
    """Reads RFC 3339 in UTC, to the microsecond."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return at.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else at


def to_json(value: Any) -> Any:
    """A parameter as JSON: models become objects, times become RFC 3339."""
    if isinstance(value, Model):
        return value.to_json()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs a time zone, such as datetime.timezone.utc")
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(inner) for inner in value]
    return value


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those fields that are given."""
    return {name: value for name, value in fields.items() if value is not None}
