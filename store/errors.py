"""The exceptions of this room.

StoreError
├── DatabaseUnreachable   the address, the server or the file cannot be used
├── SchemaOutdated        the tables are missing, older or newer than this program
└── NotFound              an id that names nothing
"""

from __future__ import annotations


class StoreError(Exception):
    """Something the database could not do; the message says where and what to do."""


class DatabaseUnreachable(StoreError):
    """The database cannot be opened or does not answer."""


class SchemaOutdated(StoreError):
    """The tables do not fit this program."""


class NotFound(StoreError):
    """No row has the id that was asked for."""
