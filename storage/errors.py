"""What can go wrong with keeping, a name for each situation. None of them carries personal data."""


class StorageError(Exception):
    """Common to all of these."""


class Conflict(StorageError):
    """Not the version that was read, or the inbox row is done already: read anew and decide again."""


class Unavailable(StorageError):
    """The database could not be reached for so long that waiting on makes no sense; nothing was changed."""


class DatabaseFault(StorageError):
    """PostgreSQL refused a statement or went away; ``sqlstate`` is its code for why."""

    def __init__(self, name: str, sqlstate: str) -> None:
        super().__init__(f"{name} ({sqlstate})")
        self.sqlstate = sqlstate


class AlreadyRunning(StorageError):
    """Another instance holds this database."""


class WrongKeys(StorageError):
    """None of SECRET_KEYS opens what is kept."""


class Tampered(StorageError):
    """A kept value is not what was written: it was altered, or moved from another row or column."""


class BackupFault(StorageError):
    """A backup cannot be read, or can't be restored here; nothing was changed."""


class StillClosed(StorageError):
    """A restored database in which children may stand again who were erased after ``since``."""

    def __init__(self, since: str) -> None:
        super().__init__(since)
        self.since = since


class TooNew(StorageError):
    """A database or backup of a newer version of this program."""


class Refused(StorageError):
    """PostgreSQL does not let us in: the user, the password or the database's name is wrong."""
