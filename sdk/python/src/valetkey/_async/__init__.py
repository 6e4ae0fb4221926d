"""The client as coroutines. `_sync` is made from this package by `scripts/generate.py`."""
