"""Everything this room can raise.

ClassifierError
├── SeedError     a seed file cannot be read; names file and line
├── LearnError    the seeds are readable, but nothing can be learned from them
├── FeedbackError a correction names a type that no seed teaches
└── ModelError
    ├── ModelMissing   no file at the path
    └── ModelInvalid   a file that is no model, or one of another format
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ClassifierError(Exception):
    """The root of this room's errors; its text is one line for a person."""


class SeedError(ClassifierError):
    """A seed file does not say what a seed file must say. ``line`` is 0 where no line is to blame."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")
        self.path = path
        self.line = line


class LearnError(ClassifierError):
    """The seeds teach nothing: no event type, or nothing to tell it from."""


class FeedbackError(ClassifierError):
    """Stored corrections do not fit the seeds; one line a type."""


class ModelError(ClassifierError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """There is no model at the path."""


class ModelInvalid(ModelError):
    """The file is not a model this version can read."""
