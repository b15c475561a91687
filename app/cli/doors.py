"""``cuadre door`` and ``cuadre serve``: where vendors send their events."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table, tell
from app.cli.targets import known_connection
from app.inbox import doors
from app.journal import endpoints
from app.system_words import system_words
from app.translation import translate
from connectors.webhooks import SCHEMES

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add(chosen: argparse.Namespace) -> int:
    """Open a door; its path is shown once."""
    journal = open_home(chosen)
    key = sys.stdin.readline().strip() if chosen.key_stdin else ""
    known_connection(journal, chosen.connection)
    token = decided(
        lambda: doors.open_door(journal, chosen.connection, chosen.vendor, chosen.url, key)
    )
    path = f"/in/{token}"
    lines = [
        translate("cli", "Give the vendor this address; it is shown only now:"),
        f"  {chosen.url.rstrip('/')}{path}",
    ]
    if not SCHEMES[chosen.vendor].is_signed:
        lines.append(translate("cli", "The vendor signs nothing: keep the address secret."))
    answer(chosen.json, {"path": path, "address": chosen.url.rstrip("/") + path}, lines)
    return 0


def change_key(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    key = sys.stdin.readline().strip()
    if not key:
        raise Stop(translate("cli", "The new key is read from standard input; nothing came."))
    known_connection(journal, chosen.connection)
    decided(lambda: doors.change_key(journal, chosen.connection, chosen.vendor, key))
    text = translate("cli", "The new key counts from now on, the old one for two days more.")
    answer(chosen.json, {"changed": True}, [text])
    return 0


def show_list(chosen: argparse.Namespace) -> int:
    rows = endpoints.every(open_home(chosen))
    value = [
        {
            "id": row.token_sha256[:12],
            "connection": row.connection,
            "vendor": row.vendor,
            "signed": SCHEMES[row.vendor].is_signed,
            "url": row.public_url,
            "made_at": row.made_at,
        }
        for row in rows
    ]
    unsigned = translate("cli", "not signed")
    lines = table(
        [
            (
                row.token_sha256[:12],
                row.connection,
                row.vendor,
                "" if SCHEMES[row.vendor].is_signed else unsigned,
                row.public_url,
            )
            for row in rows
        ]
    )
    answer(chosen.json, value, lines)
    return 0


def close(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        row = decided(lambda: doors.close_door(journal, chosen.id))
    except LookupError:
        text = translate("cli", "No door, or more than one, begins with {id}.")
        raise Stop(text.format(id=chosen.id)) from None
    text = translate("cli", "Closed: {vendor} for {connection}. What came stays.")
    said = text.format(vendor=row.vendor, connection=row.connection)
    answer(chosen.json, {"closed": row.token_sha256[:12]}, [said])
    return 0


def serve(chosen: argparse.Namespace) -> int:
    """Receive until told to stop."""
    from app.agent.receiver import Receiver, make_server

    host, _, port = chosen.listen.rpartition(":")
    if not port.isdigit() or not host:
        text = translate("cli", "{text} is no address; write one such as 127.0.0.1:8770.")
        raise Stop(text.format(text=chosen.listen))
    if host not in _LOOPBACK:
        tell(
            translate(
                "cli",
                "▲ It listens beyond this machine without TLS: put a proxy in front, and let only"
                " that reach it.",
            )
        )
    receiver = Receiver(open_home(chosen))
    try:
        server = make_server(receiver, host.strip("[]"), int(port))
    except OSError as error:
        text = translate("cli", "{address} cannot be listened at: {words}.")
        raise Stop(text.format(address=chosen.listen, words=system_words(error))) from None
    signal.signal(signal.SIGTERM, _stop)
    tell(translate("cli", "Receiving at {address}.").format(address=chosen.listen))
    stop = threading.Event()
    counting = threading.Thread(target=receiver.flush_until, args=(stop,), daemon=True)
    counting.start()
    server.run()
    stop.set()
    receiver.flush()
    return 0


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """waitress finishes what it holds and closes."""
    raise SystemExit(0)
