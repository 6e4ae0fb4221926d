"""Runs a command against running servers: `with_server.py COMMAND ARGUMENT...`.

The command finds in its environment what the `main` server wrote to `dev.env`. `VALETKEY_TEST_VERIFIED_…` and
`…_OTHER_…` are clients of other environments of that server, and `…_READER_…` is a client that may only read
(`tenants.py`). `VALETKEY_TEST_BRIEF_…` is a second server, whose links and tokens last for a moment only. With
VALETKEY_TEST_DATABASE_URL the servers work on databases made next to the one it names.
"""

import contextlib
import os
import re
import secrets
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

from dev_server import ROOT, DevServer
from tenants import tenants

# It says all that it could, so that what must not be said is found.
MAIN = {"VALETKEY_CONNECTORS_DIRECTORY": str(ROOT / "tests/clients/connectors"), "VALETKEY_LOG_LEVEL": "debug,valetkey=trace"}
# An access or refresh token of the test provider.
TOKEN = re.compile(rb"\b[ar]t_\d+_\d+_[\w-]{8,}")
BRIEF = {"VALETKEY_LINKS_LIFETIME": "1s", "VALETKEY_CLIENT_TOKEN_LIFETIME": "1s"}


def main(command):
    with contextlib.ExitStack() as stack:
        main_server = start(stack, "main", MAIN)
        brief_server = start(stack, "brief", BRIEF)
        variables = os.environ | main_server.environment | tenants(main_server)
        for key in ("ENVIRONMENT_URL", "CLIENT_ID", "CLIENT_SECRET"):
            variables[f"VALETKEY_TEST_BRIEF_{key}"] = brief_server.environment[f"SCALEKIT_{key}"]
        variables |= bundles(main_server, brief_server)
        failed = subprocess.run(command, env=variables, check=False).returncode
        return failed or tokens_told(main_server, brief_server)


def tokens_told(*servers):
    """Whether a server has logged a token of the test provider, whichever that is."""
    told = 0
    for server in servers:
        log = server.log.read_bytes()
        for token in sorted(set(TOKEN.findall(log))):
            told = 1
            print(f"the log of server {server.name} has a token: {token.decode()}", file=sys.stderr)
    return told


def start(stack, name, settings=None):
    """A server that is stopped, and its database dropped, when the stack ends."""
    url = stack.enter_context(database(name))
    server = DevServer(name, settings, url)
    stack.callback(server.stop)
    return server


@contextlib.contextmanager
def database(name):
    """The URL of an empty database on the PostgreSQL of VALETKEY_TEST_DATABASE_URL; None without one."""
    cluster = os.environ.get("VALETKEY_TEST_DATABASE_URL")
    if not cluster:
        yield None
        return
    made = f"valetkey_clients_{name}_{secrets.token_hex(4)}"
    sql(cluster, f"create database {made}")
    try:
        yield urlunsplit(urlsplit(cluster)._replace(path=f"/{made}"))
    finally:
        sql(cluster, f"drop database {made}")


def sql(url, statement):
    subprocess.run(["psql", "--quiet", "--no-psqlrc", "--dbname", url, "--command", statement], check=True)


def bundles(*servers):
    """One certificate bundle with the authorities of all servers, for clients that read only one file."""
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "NODE_EXTRA_CA_CERTS")
    joined = {}
    for name in names:
        path = servers[0].data_directory / f"{name.lower()}.joined.pem"
        parts = [open(server.environment[name], encoding="ascii").read() for server in servers]
        path.write_text("\n".join(parts), encoding="ascii")
        joined[name] = str(path)
    return joined


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
