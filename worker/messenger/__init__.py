"""Alerts to people: chats and e-mail, through Apprise.

    media       an address (``slack://…``) -> Apprise's plugin, its markup and limits; or why it cannot be used
    transport   how a plugin reaches the network: HTTP by the one door, mail by addresses judged as the door judges them
    send        one attempt: an alert worded for its medium, sent, and what came of it

Apprise, requests and smtplib are touched here and nowhere else, and loaded when an address first needs them.
"""

from worker.messenger.sending import send

__all__ = ["send"]
