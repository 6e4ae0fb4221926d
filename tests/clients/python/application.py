"""An application that is made of the examples of the published documentation."""

from pathlib import Path

SNIPPETS = Path(__file__).resolve().parents[1] / "snippets/python"
ACCOUNT = {"connection_name": "gmail", "identifier": "user_123"}


class Application:
    """One run of an application: the names that its pieces share."""

    def __init__(self, actions):
        self.names = {"actions": actions}

    def run(self, snippet):
        path = SNIPPETS / f"{snippet}.py"
        self.names.pop("link_response", None)
        exec(compile(path.read_text(), path, "exec"), self.names)  # noqa: S102
        return self.names
