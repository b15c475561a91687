"""A port is one program's, on Windows too."""

from __future__ import annotations

import socket
import socketserver
import sys

import pytest

from connectors.listening import OwnPort


def test_a_second_listener_is_refused() -> None:
    with (
        OwnPort(("127.0.0.1", 0), socketserver.BaseRequestHandler) as first,
        pytest.raises(OSError),
    ):
        OwnPort(first.server_address, socketserver.BaseRequestHandler)  # type: ignore[arg-type]


def test_the_exclusive_option_of_windows_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number stands here for one Linux knows, so that setting it can be seen."""
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    with OwnPort(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        assert server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


def test_addresses_are_shared_where_that_only_frees_what_ended() -> None:
    assert OwnPort.allow_reuse_address == (sys.platform != "win32")
