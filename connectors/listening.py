"""Listening on a port of this machine, and being the only one who does."""

from __future__ import annotations

import socket
import socketserver
import sys


class OwnPort(socketserver.TCPServer):
    """A server that shares its port with nobody. On Windows ``SO_REUSEADDR``, which Python's HTTP
    servers set, lets two programs listen on one port, and nobody knows which is answered; elsewhere
    it only frees the port of a program that has ended
    (https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse).
    """

    allow_reuse_address = sys.platform != "win32"

    def server_bind(self) -> None:
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        super().server_bind()
