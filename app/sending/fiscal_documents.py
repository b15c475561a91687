"""The journaled fiscal documents with how far each is: at the authority and in each target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app import documents
from app.documents.fiscal.journaled import FiscalKind, papers, refused_state, states
from app.documents.fiscal.target import TOLD_APART
from app.journal import Journal, events, outbox_rows, overrides, roles
from app.journal import documents as journaled
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.rows import DocumentRow
from importers.fiscal import FiscalDocument
from importers.values import plain

_SHORTEST = 8
"""Signs of an identifier that are enough to name a document by."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document: ``authority`` is cancelled, rejected or what the paper says, ``blocked_by`` the
    rule that blocks it (empty: none), ``sent`` its state by connection.
    """

    row: DocumentRow
    paper: FiscalDocument | None
    authority: str
    blocked_by: str
    sent: Mapping[str, State]


def listed(journal: Journal, period: str = "") -> Iterator[Listed]:
    """Every document (of a month, ``yyyy-mm``), one a reference, oldest first."""
    known = states(journal)
    newest: dict[str, DocumentRow] = {}
    said: dict[int, FiscalDocument] = {}
    for kind in documents.every():
        if isinstance(kind, FiscalKind) and kind.holds:
            said |= papers(journal, kind.stored.record)
            for row in journaled.every(journal, kind.stored.record, None, period):
                newest[row.external_ref] = row
    in_targets = outbox_rows.states(journal, list(newest))
    sent: dict[str, dict[str, State]] = {}
    for (connection, reference), state in in_targets.items():
        sent.setdefault(reference, {})[connection] = state
    for row in sorted(newest.values(), key=lambda row: (row.date, row.id)):
        paper = said.get(row.id)
        authority = ""
        if paper is not None:
            authority = refused_state(paper, known) or str(paper.fiscal.get("status", ""))
        yield Listed(row, paper, authority, row.blocked_by, sent.get(row.external_ref, {}))


def tell_apart(journal: Journal, connection_name: str, references: list[str], reason: str) -> None:
    """They go as they are: others than what the target has, at a rate that is right. Raises
    NotAllowed, ReasonMissing.
    """
    roles.require(journal, Role.PUSH)
    if not reason.strip():
        raise overrides.ReasonMissing
    subject = f"connection:{connection_name}"
    events.record(journal, TOLD_APART, subject, documents=references, reason=reason)


def named(journal: Journal, words: str) -> list[Listed]:
    """The documents of a reference, an identifier (its beginning is enough) or a number."""
    wanted = plain(words)
    found = []
    for one in listed(journal):
        identifier = plain(str(one.paper.fiscal["id"])) if one.paper else ""
        by_id = len(wanted) >= _SHORTEST and identifier.startswith(wanted)
        if by_id or wanted in (plain(one.row.external_ref), plain(one.row.number)):
            found.append(one)
    return found
