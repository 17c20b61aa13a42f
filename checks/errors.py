"""The one exception a user's input can raise."""


class BadInput(ValueError):
    """Input that cannot be judged: one line that says what, where and what to do.

    The command line prints it on stderr and exits with status 2.
    """


class MissingExtra(BadInput):
    """A feature whose optional dependency is not installed; the line names the extra to install."""
