"""The root of all errors that a user of the harness can act on."""


class RunbookError(Exception):
    """Something went wrong that the message explains; it needs no traceback."""
