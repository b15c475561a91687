"""A dead man's switch: an address fetched after each good round, whose owner raises an alarm when
that stops. Nobody else notices a machine that is off.
"""

from __future__ import annotations

import httpx

from app import secrets
from app.journal import Journal

SECRET = "deadman"
_PATIENCE = 10.0


def keep(journal: Journal, address: str) -> bool:
    """Keep the address in the secret store (whoever has it can silence the alarm); empty lets it
    go. False where this account has no store.
    """
    return journal.home is not None and secrets.store(journal.home, SECRET, address)


def address(journal: Journal) -> str:
    return (secrets.load(journal.home, SECRET) or "") if journal.home is not None else ""


def is_address(text: str) -> bool:
    """Whether it can be fetched at all."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("https", "http") and bool(url.host)


def tell(journal: Journal) -> bool:
    """Say that a round ended well. That the switch itself does not answer is its owner's alarm."""
    place = address(journal)
    if not place:
        return False
    try:
        return httpx.get(place, timeout=_PATIENCE).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
