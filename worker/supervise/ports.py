"""Whether an address can be listened on, found out before anything starts."""

from __future__ import annotations

import errno
import socket

from worker.supervise.errors import PortTaken

_REASONS = {
    errno.EADDRINUSE: "is taken by another program: stop it, or set another {setting}",
    errno.EACCES: "is not allowed for this user: take a port above 1023 in {setting}",
    errno.EADDRNOTAVAIL: "is not an address of this machine: set another {setting}",
}


def check_free(host: str, port: int, setting: str = "service.listen") -> None:
    """Raises PortTaken, with what to do, where ``host:port`` cannot be listened on now. ``setting`` chooses it."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise PortTaken(f"{shown} cannot be listened on: no such host") from None
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as probe:
                # As servers do: what lingers from connections that are closed does not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
        except OSError as error:
            if (
                family == socket.AF_INET6
                and error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
                and len(found) > 1
            ):
                continue  # "localhost" where IPv6 is off
            reason = _REASONS.get(error.errno or 0, "cannot be listened on: " + (error.strerror or "no reason given"))
            raise PortTaken(f"{shown} {reason.format(setting=setting)}") from None
