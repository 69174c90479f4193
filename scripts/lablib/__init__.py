"""Shared code of the scripts: what a result says, and how it is shown."""
