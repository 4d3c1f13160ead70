"""What can go wrong in this room.

AlertsError
├── SecretError      a signing secret is not one
├── SignatureError   a message is not what its sender signed, or not from now
└── StoryError       stories cannot be merged or split so
"""

from __future__ import annotations


class AlertsError(Exception):
    """Anything this room raises; the message is one line for a person."""


class SecretError(AlertsError):
    """A signing secret cannot be used. The message never holds the secret."""


class SignatureError(AlertsError):
    """A received message is refused: headers missing, too old or too new, or no signature fits."""


class StoryError(AlertsError):
    """Stories cannot be merged or split as a person asked."""
