"""The blocks of Python in the documentation and in the skill, run in their order against the server."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Whom the pages speak of.
ACCOUNT = {"connection_name": "test", "identifier": "user_123"}


def pages():
    found = sorted(page for place in ("docs", "plugins") for page in (ROOT / place).rglob("*.md"))
    return [str(page.relative_to(ROOT)) for page in found if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.fixture
def connected(actions, consent):
    """The account that pages take for granted."""
    actions.get_or_create_connected_account(**ACCOUNT)
    consent(actions.get_authorization_link(**ACCOUNT).link)
    yield
    actions.delete_connected_account(**ACCOUNT)


@pytest.mark.parametrize("page", pages())
@pytest.mark.usefixtures("connected")
def test_the_python_of_a_page_runs_and_shows_something(page, capsys):
    names = {}
    for block in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        exec(compile(block[1], page, "exec"), names)  # noqa: S102
    assert capsys.readouterr().out


def test_there_are_pages_with_python():
    assert len(pages()) >= 2
