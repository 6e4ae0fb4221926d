"""The package and the server's API do not drift apart."""

import inspect
import subprocess
import sys
from pathlib import Path

import valetkey._operations
import valetkey._sync
from valetkey._request import Operation

PACKAGE = Path(__file__).resolve().parents[1]


def test_what_is_generated_is_what_the_document_says() -> None:
    done = subprocess.run([sys.executable, PACKAGE / "scripts" / "generate.py", "--check"], check=False)
    assert done.returncode == 0


def test_every_operation_has_a_method() -> None:
    operations = [name for name, value in vars(valetkey._operations).items() if isinstance(value, Operation)]
    modules = (PACKAGE / "src" / "valetkey" / "_async").glob("*.py")
    called = "".join(module.read_text("utf-8") for module in modules)
    assert len(operations) > 30
    assert [name for name in operations if f"operations.{name}" not in called] == []


def test_every_public_method_says_what_it_does() -> None:
    from valetkey import AgentConnect

    with AgentConnect("http://127.0.0.1:1", api_token="vkt_1") as client:
        for part in ("accounts", "links", "connections", "tokens", "bulk_operations", "events", "cleanup"):
            for name, method in inspect.getmembers(getattr(client, part), inspect.ismethod):
                assert name.startswith("_") or inspect.getdoc(method), f"{part}.{name}"
