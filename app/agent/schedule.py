"""What an operating system is given so that it starts the work by itself.

Task Scheduler: one round every fifteen minutes while a person is signed in, or the loop from boot
on, started again within five minutes whatever ended it; systemd and WinSW: the loop as a service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

import resources


class Kind(StrEnum):
    """Where the work runs."""

    DESKTOP = "desktop"
    SERVER = "server"
    WINSW = "winsw"
    SYSTEMD = "systemd"


_FILES: Mapping[Kind, str] = {
    Kind.DESKTOP: "desktop.xml",
    Kind.SERVER: "server.xml",
    Kind.WINSW: "winsw.xml",
    Kind.SYSTEMD: "systemd.service",
}


def definition(
    kind: Kind, *, home: Path, user: str, command: Sequence[str], arguments: Sequence[str]
) -> bytes:
    """The file of a task or service as its system wants it: those of Task Scheduler in UTF-16 with
    its mark, as Microsoft's own are.
    """
    said = {
        "name": task_name(home),
        "user": user,
        "command": _quoted(command),
        "arguments": _quoted(("--home", str(home), "work", *arguments)),
        "home": str(home),
    }
    if kind is not Kind.SYSTEMD:
        said = {name: escape(value) for name, value in said.items()}
    text = Template(
        resources.path("schedule", _FILES[kind]).read_text(encoding="utf-8")
    ).substitute(said)
    if kind in (Kind.DESKTOP, Kind.SERVER):
        return text.replace("\n", "\r\n").encode("utf-16")
    return text.encode()


def task_name(home: Path) -> str:
    """One task a home: two homes of one machine never share one."""
    return "work-" + hashlib.sha256(str(home).encode()).hexdigest()[:8]


def _quoted(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)
