"""Which company of which target a connection reaches, so that two connections to one company, and
one connection that reaches another company than before, are recognised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.company.addresses import origin
from app.journal import Journal, events, marks, outbox_rows
from app.journal.rows import ConnectionRow
from app.journal.settings import connections as kept_connections
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from connectors.documents import Identity
from connectors.systems import SYSTEMS
from connectors.vendor import Access

IDENTIFIED = "connection.identified"


class SameCompany(Refused):
    """Another connection sends to the same company; the arguments are the names of both."""

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target",
        "{name} reaches the same company as {other}, with which documents were sent already: what"
        " was sent by one is unknown to the other. Send with {other}; {name} may read.",
    )

    def said(self) -> Mapping[str, object]:
        return dict(zip(("name", "other"), self.args, strict=True))


class OtherCompanyThere(Refused):
    """A connection reaches another company than the one documents were sent to; the arguments are
    its name and both companies.
    """

    context = "target"
    words = QT_TRANSLATE_NOOP(
        "target",
        "{name} reaches {now}, but documents were sent with it to {before}. Nothing was sent. Check"
        " its user and secret, or add another connection for the other company.",
    )

    def said(self) -> Mapping[str, object]:
        return dict(zip(("name", "now", "before"), self.args, strict=True))


def target_of(kept: ConnectionRow) -> tuple[str, ...]:
    """What tells one company of one target from every other: system, address and whatever the
    vendor tells companies by.
    """
    access = Access(kept.url, kept.database, kept.user, options=json.loads(kept.options))
    vendor = SYSTEMS.get(kept.system)
    company = vendor.company_of(access) if vendor else (kept.url, kept.database, kept.user)
    return (kept.system, *company)


def key_of(journal: Journal, name: str) -> str:
    """Under which key the marks of a connection's company are kept; empty for a name the journal
    does not know.
    """
    kept = {row.name: row for row in kept_connections(journal)}.get(name)
    return _key(kept) if kept else ""


def keys(journal: Journal) -> list[tuple[str, str]]:
    """Every connection with the key of its company."""
    return [(row.name, _key(row)) for row in kept_connections(journal)]


def recognise(journal: Journal, name: str, identity: Identity) -> None:
    """Keep which company a connection reaches, before anything is sent with it. Raises SameCompany,
    OtherCompanyThere.
    """
    rows = {row.name: row for row in kept_connections(journal)}
    mine = rows.get(name)
    if mine is None:
        return
    now, known = _said(mine, identity), _identified(journal)
    before = known.get(name)
    is_other = before and before["tax_id"] and now["tax_id"] and before["tax_id"] != now["tax_id"]
    if before and is_other and _has_sent(journal, name):
        raise OtherCompanyThere(name, _shown(now), _shown(before))
    for other, row in rows.items():
        same = other != name and (_key(row) == _key(mine) or (known.get(other) == now))
        if same and now["origin"] and _sent_first(journal, other, name):
            raise SameCompany(name, other)
    if before != now:
        events.record(journal, IDENTIFIED, f"connection:{name}", **now)


def _key(kept: ConnectionRow) -> str:
    system, url, *rest = target_of(kept)
    place = origin(url) + url.partition("://")[2].partition("/")[2].rstrip("/")
    return marks.target_key([system, place, *rest])


def _said(kept: ConnectionRow, identity: Identity) -> dict[str, str]:
    return {
        "system": kept.system,
        "origin": origin(kept.url),
        "company": identity.company,
        "tax_id": identity.tax_id,
    }


def _identified(journal: Journal) -> dict[str, Mapping[str, str]]:
    """The company each connection last reached, of those that say a tax id: a name alone tells no
    company from another.
    """
    found: dict[str, Mapping[str, str]] = {}
    for event in events.of(journal, area="connection", kinds=(IDENTIFIED,)):
        if event.data["tax_id"]:
            found[event.subject.partition(":")[2]] = event.data
    return found


def _has_sent(journal: Journal, name: str) -> bool:
    return bool(outbox_rows.last_confirmed(journal, name))


def _sent_first(journal: Journal, other: str, name: str) -> bool:
    """Whether the other connection was used for sending before this one."""
    theirs, mine = (outbox_rows.first_queued(journal, one) for one in (other, name))
    return bool(theirs) and (not mine or theirs < mine)


def _shown(said: Mapping[str, str]) -> str:
    return f"{said['company']} ({said['tax_id']})"
