"""Instants of the journal (UTC) as the clock on the wall showed them."""

from __future__ import annotations

from datetime import datetime


def local_time(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"
