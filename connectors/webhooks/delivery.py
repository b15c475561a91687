"""A request of a vendor, the check of its signature, and what it hints at."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

TOLERANCE = 300.0
"""Seconds a signed instant may lie before or after ours."""
DEEPEST = 32
"""Levels of a body; deeper ones are nobody's."""


class BadSignature(Exception):
    """Nobody who knows the key sent it. ``late`` is by how many seconds its instant lies before
    ours (after: negative) where only that is wrong; the argument says what is.
    """

    def __init__(self, why: str, late: float = 0.0) -> None:
        super().__init__(why)
        self.late = late


class BadBody(Exception):
    """A body that is not what its vendor writes; the argument says why."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """``headers`` by lower-case name; ``url`` is the public address the vendor was given, never
    what the request says it came by; ``at`` the second it came, by this machine's clock.
    """

    body: bytes
    headers: Mapping[str, str]
    url: str
    at: float
    method: str = "POST"

    def header(self, name: str) -> str:
        """Raises BadSignature where it is absent or longer than any signature."""
        value = self.headers.get(name.lower(), "")
        if not value or len(value) > 4096:
            raise BadSignature(f"{name} is {'too long' if value else 'missing'}")
        return value


@dataclass(frozen=True, slots=True)
class Notice:
    """One hint. ``kind`` is the vendor's own word for what happened, ``record`` the kind of record
    it is about (that of :class:`connectors.documents.Kind` where it is one; empty: none of ours),
    ``dedup`` equal for each of its repeats. ``merged`` are ids that are another record now.
    """

    dedup: str
    kind: str
    record: str
    remote_id: str
    occurred_at: datetime | None = None
    body: bytes = b""
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """``check`` raises BadSignature unless one of the keys signed; None where the vendor signs
    nothing. ``notices`` raises BadBody. ``headers`` are the names worth keeping, ``sequence`` says
    the first and last number of a delivery where the vendor counts them.
    """

    notices: Callable[[Delivery, Any], Sequence[Notice]]
    check: Callable[[Delivery, Sequence[str]], None] | None = None
    headers: tuple[str, ...] = ()
    sequence: Callable[[Any], tuple[int, int] | None] = field(default=lambda _: None)
    takes_empty: bool = False

    @property
    def is_signed(self) -> bool:
        return self.check is not None


def body_signed(header: str) -> Callable[[Delivery, Sequence[str]], None]:
    """The check of vendors that sign the body alone: base64 of HMAC-SHA256 with the key, in a
    header.
    """

    def check(delivery: Delivery, keys: Sequence[str]) -> None:
        given = delivery.header(header).encode()
        expected = [base64.b64encode(sha256_hmac(key.encode(), delivery.body)) for key in keys]
        refuse_unless(expected, [given])

    return check


def refuse_unless(expected: Sequence[bytes], given: Sequence[bytes]) -> None:
    """Raises BadSignature where none of the given is one of the expected, in a time that tells
    nothing.
    """
    found = False
    for wanted in expected:
        for one in given:
            found |= hmac.compare_digest(wanted, one)
    if not found:
        raise BadSignature("the signature is not of this key")


def sha256_hmac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def refuse_untimely(said: float, at: float) -> None:
    """Raises BadSignature where a signed instant (seconds) is too far from ours."""
    late = at - said
    if abs(late) > TOLERANCE:
        raise BadSignature("the signed instant is too far from ours", late)


def parsed(body: bytes) -> Any:
    """JSON without repeated names, without NaN and not too deep. Raises BadBody."""
    try:
        text = body.decode("utf-8")
        if _depth(text) > DEEPEST:
            raise BadBody("too deep")
        value = json.loads(
            text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant
        )
        plain = json.dumps(value, ensure_ascii=False)
        plain.encode("utf-8")  # halves of a character are none
        if "\\u0000" in plain:
            raise BadBody("a NUL")
        return value
    except (ValueError, RecursionError) as error:
        raise BadBody(str(error)[:200]) from None


def rows_of(value: Any) -> list[Mapping[str, Any]]:
    """A list of objects. Raises BadBody."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadBody("not a list of objects")
    return value


def object_of(value: Any) -> Mapping[str, Any]:
    """An object. Raises BadBody."""
    if not isinstance(value, dict):
        raise BadBody("not an object")
    return value


def text_of(row: Mapping[str, Any], name: str) -> str:
    """A field that has to be there. Raises BadBody."""
    value = row.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise BadBody(f"{name} is missing")
    return str(value)


def from_seconds(value: object) -> datetime | None:
    """An instant out of Unix seconds; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def from_milliseconds(value: object) -> datetime | None:
    """The same out of milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**15:
        return None
    return from_seconds(value / 1000)


def from_iso(value: object) -> datetime | None:
    """An instant in UTC out of ISO text, which is so where it names no zone; None for what is
    none.
    """
    try:
        at = datetime.fromisoformat(str(value)[:26].rstrip("Z") if _is_utc(value) else str(value))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def piece(row: Mapping[str, Any]) -> bytes:
    """One event of a delivery as it is kept."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def each(
    rows: Sequence[Mapping[str, Any]], make: Callable[[Mapping[str, Any]], Notice]
) -> list[Notice]:
    """A notice a row; a row that is not what the vendor writes is kept, and about nothing: the
    others are no worse for it.
    """
    found = []
    for row in rows:
        try:
            found.append(make(row))
        except (BadBody, TypeError, ValueError, OverflowError):
            raw = piece(row)
            found.append(Notice(hashed(raw), "not understood", "", "", None, raw))
    return found


def hashed(*facts: object) -> str:
    return hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()


def _is_utc(value: object) -> bool:
    text = str(value)
    return text.endswith("Z") or not ("+" in text[10:] or "-" in text[10:])


def _depth(text: str) -> int:
    """How deep brackets nest, those in strings not counted exactly: an upper bound is enough."""
    deepest = depth = 0
    is_text = is_escaped = False
    for sign in text:
        if is_text:
            is_text = is_escaped or sign != '"'
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"':
            is_text = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _without_repeats(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice in one object")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
