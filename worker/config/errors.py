"""What can be wrong with a config.

ConfigError
 └── ConfigNotFound   there is no file to read
BadValue              one value is not what its key expects; becomes a line of a ConfigError
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ConfigError(Exception):
    """The config cannot be used. ``problems`` has one line each, all that were found, in the file's order.

    No line shows a secret's value.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ConfigNotFound(ConfigError):
    """No config file where one was expected; its line says where it was looked for and what to do."""


class BadValue(ValueError):
    """A value that its key cannot have. The message is a reason where there is more to say than what was expected."""
