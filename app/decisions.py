"""What a person decides, as types: about lines of a reconciliation, and about documents to be sent.

Each decision has one way to JSON and back (:func:`to_json`, :func:`from_json`); text is made of it
for people only. Decisions of release 0.1.0 put what they said into one text of lines;
:func:`of_first_release` reads those.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Match:
    """These lines belong together. ``adjustment`` is the account their difference is posted to,
    ``note`` the person's words.
    """

    action: ClassVar[str] = "accept"
    left: tuple[str, ...]
    right: tuple[str, ...]
    note: str = ""
    adjustment: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """These lines never belong together."""

    action: ClassVar[str] = "part"
    left: tuple[str, ...]
    right: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explain:
    """Why these lines are open."""

    action: ClassVar[str] = "explain"
    left: tuple[str, ...]
    right: tuple[str, ...]
    category: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """One line (the only key of either side) is several; ``parts`` in minor units add up to it."""

    action: ClassVar[str] = "split"
    left: tuple[str, ...]
    right: tuple[str, ...]
    parts: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attach:
    """A file kept as evidence of these lines, or of the whole reconciliation where there are
    none.
    """

    action: ClassVar[str] = "attach"
    left: tuple[str, ...]
    right: tuple[str, ...]
    sha256: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Adjust:
    """A voucher settles the difference of these lines. ``amount`` (minor units, debit positive)
    goes to ``account``, its opposite to ``contra``; ``book`` is the pair of books it belongs to in
    every month (``pair`` as its sides stood), ``period`` the months it was proposed in, ``target``
    the side that is the target's books (0 left, 1 right), ``content`` the hash of the document that
    says it.
    """

    action: ClassVar[str] = "adjust"
    left: tuple[str, ...]
    right: tuple[str, ...]
    reference: str
    connection: str
    account: str
    contra: str
    amount: int
    day: str
    book: str
    pair: str
    period: str
    target: int
    content: str


Decision = Match | Part | Explain | Split | Attach | Adjust


@dataclass(frozen=True, slots=True)
class Retry:
    """Send a document again; it is looked up first."""

    reason: str = "retry"


@dataclass(frozen=True, slots=True)
class Skip:
    """Never send a document to this connection, until somebody decides otherwise."""

    reason: str


@dataclass(frozen=True, slots=True)
class Link:
    """A document of the target is this one, with the ``changes`` the person saw."""

    remote_id: str
    remote_number: str
    reason: str
    changes: tuple[str, ...] = ()


def to_data(decision: Decision) -> dict[str, Any]:
    """A decision as JSON can hold it."""
    return {"action": decision.action, **asdict(decision)}


def to_json(decision: Decision) -> str:
    """The one JSON text of a decision."""
    return json.dumps(to_data(decision), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_data(data: Mapping[str, Any]) -> Decision:
    """The decision :func:`to_data` wrote. Raises KeyError, TypeError on anything else."""
    kind = _TYPES[data["action"]]
    values = {field.name: data[field.name] for field in fields(kind) if field.name in data}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return kind(**{**values, **lists})


def from_json(text: str) -> Decision:
    """The decision :func:`to_json` wrote. Raises ValueError, KeyError, TypeError."""
    return from_data(json.loads(text))


def of_event(action: str, data: Mapping[str, Any]) -> Decision:
    """The decision an event of the journal tells of, whichever release wrote it."""
    if "said" in data:
        return from_data(data["said"])
    return of_first_release(
        action, left=tuple(data["left"]), right=tuple(data["right"]), reason=data["reason"]
    )


def of_first_release(
    action: str, *, left: tuple[str, ...], right: tuple[str, ...], reason: str
) -> Decision:
    """A decision as 0.1.0 kept it: what it said stood in ``reason``, by the line."""
    first, _, rest = reason.partition("\n")
    match action:
        case "accept":
            return Match(left, right, note=first, adjustment=rest)
        case "part":
            return Part(left, right, note=reason)
        case "explain":
            return Explain(left, right, category=first, note=rest)
        case "split":
            parts = tuple(int(part) for part in first.split(","))
            return Split(left, right, parts=parts, note=rest)
        case "attach":
            name, _, note = rest.partition("\n")
            return Attach(left, right, sha256=first, name=name, note=note)
        case "adjust":
            return Adjust(left, right, **json.loads(reason))
        case _:
            raise ValueError(action)


_TYPES: Mapping[str, type[Decision]] = {
    kind.action: kind for kind in (Match, Part, Explain, Split, Attach, Adjust)
}
