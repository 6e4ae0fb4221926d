# Written by scripts/generate.py. Do not edit.
"""The client as plain functions, made from `_async`."""
