"""How much memory the server needs for a while, as the kernel counts it."""

import contextlib
import os
from pathlib import Path

# How much more than before a transfer may take at any moment, whatever its size, in MB.
ALLOWED = 40

PROCESS = Path("/proc", os.environ.get("VALETKEY_TEST_PID", "self"))


def megabytes(name):
    """A figure of the server's process: VmRSS is what it has in memory now, VmHWM the most it has had."""
    lines = dict(line.split(":", 1) for line in PROCESS.joinpath("status").read_text().splitlines())
    return int(lines[name].split()[0]) / 1024


@contextlib.contextmanager
def flat(capsys, what):
    """Fails where the server has needed much more memory meanwhile; tells how much in any case."""
    # The most so far is counted anew from here (proc_pid_clear_refs(5)).
    PROCESS.joinpath("clear_refs").write_text("5")
    before = megabytes("VmRSS")
    yield
    most, after = megabytes("VmHWM"), megabytes("VmRSS")
    with capsys.disabled():
        print(f"\n{what}: the server had {before:.1f} MB before, {most:.1f} MB at most, {after:.1f} MB after")
    assert most - before < ALLOWED
