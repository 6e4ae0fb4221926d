"""The blocks of Python in the documentation and in the skill, run in their order against the server."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLACES = ["README.md", "docs/**/*.md", "plugins/**/*.md"]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The pages speak of this user, on the connections `test` and `gmail`.
IDENTIFIER = "user_123"


def pages():
    found = sorted(page for place in PLACES for page in ROOT.glob(place))
    return [str(page.relative_to(ROOT)) for page in found if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages())
def test_the_python_of_a_page_runs(page, actions, consent, fresh_documentation, capsys):
    names = {}
    for block in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        exec(compile(block[1], page, "exec"), names)  # noqa: S102, as a reader would
    assert capsys.readouterr().out, "it prints something"


@pytest.fixture
def fresh_documentation(actions, consent):
    """The accounts of the user that pages speak of, active."""
    for connection in ("test", "gmail"):
        actions.get_or_create_connected_account(connection_name=connection, identifier=IDENTIFIER)
        consent(actions.get_authorization_link(connection_name=connection, identifier=IDENTIFIER).link)
    yield
    for connection in ("test", "gmail"):
        actions.delete_connected_account(connection_name=connection, identifier=IDENTIFIER)
    assert os.environ["SCALEKIT_ENVIRONMENT_URL"]
