"""Writes what is made from the server's API and from the asynchronous client: `models.py`, `_operations.py`, `_sync/`.

    python scripts/generate.py            write
    python scripts/generate.py --check    fail where a file is not what would be written

The API is `docs/openapi.json` of the repository, which a test of the server keeps equal to what it serves.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "valetkey"
REPOSITORY = PACKAGE.parents[3]
DOCUMENT = json.loads((REPOSITORY / "docs" / "openapi.json").read_text("utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
HEAD = "# Written by scripts/generate.py. Do not edit.\n"
WIDTH = 116


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The operations of the accounts API: name of the RPC, HTTP method, path, and what the document says."""
    for path, item in DOCUMENT["paths"].items():
        if path.startswith("/v1/connect/"):
            for method, operation in item.items():
                yield operation["operationId"].split("_", 1)[1], method.upper(), path, operation


def answers() -> Iterator[str]:
    """The names of the messages that are answered, and of those inside them."""
    waiting = ["ErrorAnswer", "CleanupPolicy"]
    for _, _, _, operation in operations():
        waiting.append(reference(operation["responses"]["200"]["content"]["application/json"]["schema"]))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or "properties" not in SCHEMAS[name]:
            continue
        seen.add(name)
        yield name
        for field in SCHEMAS[name]["properties"].values():
            inner = field.get("items", field)
            if "$ref" in inner:
                waiting.append(reference(inner))


def reference(schema: dict[str, Any]) -> str:
    """The name of the component that a schema refers to."""
    return schema["$ref"].rsplit("/", 1)[1]


def optional_fields() -> set[tuple[str, str]]:
    """The fields declared `optional`, which the document does not tell from those that are always there."""
    found, message = set(), ""
    for file in (REPOSITORY / "proto" / "valetkey" / "v1").glob("*.proto"):
        for line in file.read_text("utf-8").splitlines():
            if opened := re.match(r"message (\w+)", line):
                message = opened[1]
            elif field := re.match(r"  optional \w+ (\w+) =", line):
                found.add((message, field[1]))
    return found


OPTIONAL = optional_fields()


def field(message: str, name: str, schema: dict[str, Any]) -> tuple[str, str, str | None]:
    """Type, default and, where its JSON is not its value, the reader of a field."""
    if "$ref" in schema:
        inner = reference(schema)
        if "enum" in SCHEMAS[inner]:
            return "str", '""', None
        return f"{inner} | None", "None", f"{inner}.from_json"
    kind = schema.get("type")
    if kind == "array":
        inner = schema["items"]
        if "$ref" in inner:
            return f"tuple[{reference(inner)}, ...]", "()", f"each({reference(inner)}.from_json)"
        return "tuple[str, ...]", "()", "tuple"
    if schema.get("format") == "date-time":
        return "datetime | None", "None", "moment"
    if kind == "object":
        values = "str" if schema.get("additionalProperties", {}).get("type") == "string" else "Any"
        return f"Mapping[str, {values}] | None", "None", None
    plain, default = {
        "string": ("str", '""'), "boolean": ("bool", "False"), "integer": ("int", "0"), "number": ("float", "0.0"),
    }[kind]
    if (message, name) in OPTIONAL:
        return f"{plain} | None", "None", None
    return plain, default, None


def comment(text: str, indent: str) -> str:
    """A description as `#:` lines."""
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - len(indent) - 3)
    return "".join(f"{indent}#: {line}\n" for line in lines)


def model(name: str) -> str:
    """The class of a message."""
    schema = SCHEMAS[name]
    description = " ".join(schema.get("description", f"{name}.").split())
    fields, readers = "", {}
    for property_name, property_schema in schema["properties"].items():
        kind, default, reader = field(name, property_name, property_schema)
        if (name, property_name) in SECRET:
            default = f"dataclasses.field(default={default}, repr=False)"
        fields += comment(property_schema.get("description", ""), "    ") + f"    {property_name}: {kind} = {default}\n"
        if reader:
            readers[property_name] = reader
    body = "\n".join(f"    {line}" for line in textwrap.wrap(f'"""{description}"""', WIDTH - 4))
    read = ""
    if readers:
        # Called by name, because a message can refer to one that is declared after it.
        listed = "".join(f'        "{key}": lambda value: {call}(value),\n' for key, call in readers.items())
        read = f"\n    _READ: ClassVar[Mapping[str, Reader]] = {{\n{listed}    }}\n"
    head = f"@dataclasses.dataclass(frozen=True, kw_only=True)\nclass {name}(Model):\n{body}\n"
    return f"{head}{read}\n{fields}"


def secret_fields() -> set[tuple[str, str]]:
    """The fields declared `secret`, which `repr` must not show."""
    found, message = set(), ""
    for file in (REPOSITORY / "proto" / "valetkey" / "v1").glob("*.proto"):
        for statement in re.split(r"[;{]\n", file.read_text("utf-8")):
            if opened := re.search(r"^message (\w+)", statement, re.M):
                message = opened[1]
            declared = re.search(r"^  (?:optional |repeated )?[\w<>, .]+ (\w+) = \d+", statement, re.M)
            if declared and "options.v1.secret) = true" in statement:
                found.add((message, declared[1]))
    return found


SECRET = secret_fields()


def models() -> str:
    """`models.py`."""
    names = sorted(answers())
    head = (
        '"""The messages of the API, as they are answered. What a later server adds is left out."""\n\n'
        "from __future__ import annotations\n\nimport dataclasses\nfrom collections.abc import Mapping\n"
        "from datetime import datetime\nfrom typing import Any, ClassVar\n\n"
        "from ._model import Model, Reader, each, moment\n\n"
    )
    exported = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n\n\n"
    return HEAD + head + exported + "\n\n".join(model(name).rstrip() + "\n" for name in names)


def operation_list() -> str:
    """`_operations.py`."""
    lines = [HEAD, '"""The operations of the API."""\n\n', "from ._request import Operation\n\n"]
    for name, method, path, _ in sorted(operations(), key=lambda found: found[0]):
        lines.append(f'{name} = Operation("{name}", "{method}", "{path}")\n')
    return "".join(lines)


#: From coroutines to plain functions.
WORDS = (
    (r"async def ", "def "), (r"async with ", "with "), (r"async for ", "for "), (r"\bawait ", ""),
    (r"\bAwaitable\[AsyncPage\[T\]\]", "AsyncPage[T]"), (r"AsyncIterator", "Iterator"),
    (r"httpx\.AsyncClient", "httpx.Client"), (r"aclose", "close"), (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"), (r"async_sleep", "sync_sleep"), (r"AsyncLock", "SyncLock"),
    (r"\bAsync(?=[A-Z])", ""), (r"import Iterator, Awaitable, Callable", "import Callable, Iterator"),
    (r"The client as coroutines\. `_sync` is made .*\.", "The client as plain functions, made from `_async`."),
)


def synchronous(text: str) -> str:
    """A module of the asynchronous client without coroutines."""
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return HEAD + text


def wanted() -> dict[Path, str]:
    """Every file that is made, with its contents."""
    made = {PACKAGE / "models.py": models(), PACKAGE / "_operations.py": operation_list()}
    for file in sorted((PACKAGE / "_async").glob("*.py")):
        made[PACKAGE / "_sync" / file.name] = synchronous(file.read_text("utf-8"))
    return made


def main(check: bool) -> int:
    """Writes the files, or says which are stale."""
    stale = [path for path, text in wanted().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(PACKAGE)} is not what scripts/generate.py writes", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted()[path], "utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
