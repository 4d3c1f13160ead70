"""What can keep a set of parts from running. Every message is one line for a person.

SupervisionError
 ├── AlreadyRunning    another set of parts works on the same data directory
 ├── PortTaken         the address to listen on cannot be had
 ├── NoBroker          no Redis or Valkey server can be run here
 └── PartKeepsDying    a part died again and again soon after its start
"""

from __future__ import annotations


class SupervisionError(Exception):
    """The parts cannot run, or could not go on."""


class AlreadyRunning(SupervisionError):
    """The data directory is in use."""


class PortTaken(SupervisionError):
    """The address to listen on is taken, not ours, or not allowed."""


class NoBroker(SupervisionError):
    """No server for the embedded broker."""


class PartKeepsDying(SupervisionError):
    """A part was given up. ``last_lines`` are the last it wrote, oldest first."""

    def __init__(self, name: str, times: int, ending: str, last_lines: tuple[str, ...]) -> None:
        last = next((line.strip() for line in reversed(last_lines) if line.strip()), "")
        words = f"; its last line: {last[:300]}" if last else "; it wrote nothing"
        super().__init__(f"{name} died {times} times in a row ({ending}){words}")
        self.name = name
        self.last_lines = last_lines
