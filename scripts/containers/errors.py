"""What the user must be told: container.py prints it and exits with 2."""


class ContainerError(Exception):
    """The message names the thing, the cause and the next step."""


def first_line(text, otherwise="no message"):
    """The first line of an engine's complaint that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), otherwise)
