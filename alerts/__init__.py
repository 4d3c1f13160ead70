"""Whom to tell: events become stories, stories become alerts, alerts become signed deliveries.

    events -> stories -> alerts -> signed deliveries

Everything here decides and nothing here acts: no module opens a socket, a database or a queue. ``store`` hands in the
candidates and keeps what was decided; ``worker`` carries the signed request through the one door for outgoing HTTP.
"""
