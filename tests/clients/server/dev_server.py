"""A running `valetkey dev`, with a data directory and ports of its own."""

import json
import os
import shlex
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("VALETKEY_TEST_BINARY", ROOT / "target/debug/valetkey"))
LOGS = Path(os.environ.get("VALETKEY_TEST_LOGS", ROOT / "target/clients/logs"))
READY_WITHIN_SECONDS = 60


class DevServer:
    """Starts on construction; `environment` holds what a client of it exports."""

    def __init__(self, name, settings=None, database_url=None):
        self.name = name
        self._directory = tempfile.TemporaryDirectory(prefix=f"valetkey-{name}-")
        self.data_directory = Path(self._directory.name) / "data"
        self._database_url = database_url
        self._settings = settings or {}
        tls, provider, plain = free_ports(3)
        self._plain_url = f"http://127.0.0.1:{plain}"
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log = LOGS / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    BINARY, "dev",
                    "--listen", f"127.0.0.1:{tls}",
                    "--provider-listen", f"127.0.0.1:{provider}",
                    "--plain-listen", f"127.0.0.1:{plain}",
                    *self._place(),
                ],
                env=self._variables(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_ready()
            self.environment = read_env_file(self.data_directory / "dev.env") | self._for_operators()
        except BaseException:
            self.stop()
            raise

    def command(self, *arguments):
        """Runs `valetkey ARGUMENTS` on the data of this server and returns what it prints."""
        done = subprocess.run(
            [BINARY, *arguments, *self._place()],
            env=self._variables(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"valetkey {shlex.join(arguments)} failed:\n{done.stderr}{done.stdout}")
        return done.stdout

    def stop(self):
        """Ends the server as an operator would, and removes its data."""
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(f"server {self.name} did not stop when asked to; its output is in {self.log}") from None
        finally:
            self._directory.cleanup()

    def _for_operators(self):
        """What tests need to work on this server as its operator does: commands, the log, and the process."""
        return {
            "VALETKEY_TEST_BINARY": str(BINARY),
            "VALETKEY_TEST_PLACE": json.dumps(self._place()),
            "VALETKEY_TEST_LOG": str(self.log),
            "VALETKEY_TEST_PID": str(self._process.pid),
        }

    def _place(self):
        place = ["--data-dir", str(self.data_directory)]
        return place + (["--database-url", self._database_url] if self._database_url else [])

    def _variables(self):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("VALETKEY_")}
        return inherited | self._settings

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not answers(f"{self._plain_url}/readyz"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-4000:]
                raise RuntimeError(f"server {self.name} is not ready; it said:\n{said}")
            time.sleep(0.05)


def answers(url):
    """Whether a GET of the URL succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def free_ports(count):
    """Ports of the loopback interface that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def read_env_file(path):
    """The KEY=VALUE lines of a file, quoted as in a shell or not at all."""
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: "".join(shlex.split(value)) for key, _, value in pairs}
