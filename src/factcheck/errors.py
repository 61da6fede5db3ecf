"""Everything that factcheck stops for.

    FactcheckError
    ├── UsageError            the command, a setting or an input can't be used as given
    │   ├── DatabaseError     the database is newer, damaged or not ours
    │   └── DriftError        the project in Label Studio is not what we left there
    ├── LockedError           another run of factcheck holds the desk
    ├── IncompleteError       the work is not finished, and was not asked for unfinished
    ├── ServerError           Label Studio answered, and not with what was asked for
    │   └── UncertainError    a write was sent and no clear answer came back
    ├── NotAuthorisedError    Label Studio does not accept the token
    └── UnreachableError      Label Studio does not answer

The command line shows `message` and `hint`, never a traceback, and turns the class
into an exit code in one place (`factcheck.cli.EXIT_CODES`).
"""

from __future__ import annotations


class FactcheckError(Exception):
    """What happened, and a hint that says what to do. Shown without a traceback."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FactcheckError):
    """The command, a setting or an input can't be used as given."""


class DatabaseError(UsageError):
    """The database is newer than this factcheck, damaged, or not one of ours."""


class DriftError(UsageError):
    """The project in Label Studio is not what factcheck left there."""


class LockedError(FactcheckError):
    """Another run of factcheck holds the desk."""


class IncompleteError(FactcheckError):
    """The work is not finished, and was not asked for unfinished."""


class ServerError(FactcheckError):
    """Label Studio answered, and not with what was asked for."""


class UncertainError(ServerError):
    """A write was sent and no clear answer came back: it may or may not have happened."""


class NotAuthorisedError(FactcheckError):
    """Label Studio does not accept the token."""


class UnreachableError(FactcheckError):
    """Label Studio does not answer."""
