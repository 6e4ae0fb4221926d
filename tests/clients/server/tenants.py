"""Environments and clients that tests need beside those that `valetkey dev` makes, made by an operator's commands."""

import json
from pathlib import Path

PROVIDER_CLIENT_ID = "test-client"
PROVIDER_CLIENT_SECRET = "test-secret"


def tenants(server):
    """Makes them on a server and returns the variables that tests find them by."""
    for name in ("verified", "other", "generated"):
        server.command("environment", "create", name)
    server.command("environment", "set", "--environment", "verified", "--verification", "custom")
    secret_file = Path(server.data_directory, "provider-client-secret")
    secret_file.touch(mode=0o600)
    secret_file.write_text(PROVIDER_CLIENT_SECRET, encoding="ascii")
    for environment in ("verified", "generated"):
        server.command(
            "connection", "create", "testprovider", "--environment", environment, "--name", "test",
            "--client-id", PROVIDER_CLIENT_ID, "--client-secret-file", str(secret_file),
        )
    return {
        **client(server, "VERIFIED", "--environment", "verified", "--allow-reading-credentials"),
        **client(server, "OTHER", "--environment", "other", "--allow-reading-credentials"),
        **client(server, "GENERATED", "--environment", "generated", "--allow-reading-credentials"),
        **client(server, "READER", "--environment", "dev", "--permission", "connected_accounts:read"),
    }


def client(server, variable, *arguments):
    """A new API client as variables."""
    made = json.loads(server.command("client", "create", "--json", *arguments))
    return {
        f"VALETKEY_TEST_{variable}_ENVIRONMENT_URL": server.environment["SCALEKIT_ENVIRONMENT_URL"],
        f"VALETKEY_TEST_{variable}_CLIENT_ID": made["client_id"],
        f"VALETKEY_TEST_{variable}_CLIENT_SECRET": made["client_secret"],
    }
