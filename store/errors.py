"""The exceptions of this room.

StoreError
├── DatabaseUnreachable   the address, the server or the file cannot be used
├── SchemaOutdated        the tables are missing, older or newer than this program
│    └── NothingYet       the database is empty: nothing has run on it
├── NotFound              an id that names nothing
└── AmbiguousId           the start of an id that several have
"""

from __future__ import annotations


class StoreError(Exception):
    """Something the database could not do; the message says where and what to do."""


class DatabaseUnreachable(StoreError):
    """The database cannot be opened or does not answer."""


class SchemaOutdated(StoreError):
    """The tables do not fit this program."""


class NothingYet(SchemaOutdated):
    """The database holds no table of anybody's."""


class NotFound(StoreError):
    """No row has the id that was asked for."""


class AmbiguousId(StoreError):
    """Several rows have an id that starts so."""
