"""Waiting for what is not done at once."""

import time

import pytest


def eventually(condition, seconds=15):
    """Other processes and the background work of the server take a moment."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("it does not come about")
        time.sleep(0.1)
