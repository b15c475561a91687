"""The customers and suppliers fiscal documents name, made in a target before the documents that
need them. One whose tax id the target has already is not sent.
"""

from __future__ import annotations

import hashlib
from typing import Any

from app.documents.contact import ContactKind, said_of, tax_id_key
from app.documents.fiscal import keys
from app.documents.fiscal.journaled import going
from app.documents.kind import Candidates, Record
from app.documents.maps import MapKind, Maps
from app.documents.obstacles import Problem
from app.documents.records import joined_reference
from app.journal import Journal
from app.journal.kinds import StoredKind
from app.translation import QT_TRANSLATE_NOOP
from importers.fiscal.items import FiscalParty


def party_reference(tax_id: str) -> str:
    """``fiscal/party/TAXID``: the same whichever document names it."""
    return joined_reference("fiscal", "party", tax_id_key(tax_id))


class PartyKind(ContactKind):
    """Sent with the documents that name it, and only then."""

    stored = StoredKind(name="party", record="fiscal-party", rank=0, is_awaited=False)
    title = QT_TRANSLATE_NOOP("documents", "party of a document")
    takes = FiscalParty
    is_journaled_once = True
    untaken = Problem.NO_CONTACTS

    def candidates(self, journal: Journal, connection_name: str, batch: int | None) -> Candidates:
        """Those of documents that may go, whom nobody has linked to a partner by hand."""
        maps = Maps.load(journal, connection_name)
        wanted = {
            party_reference(paper.party.tax_id)
            for paper in going(journal, connection_name)
            if paper.entry is None
            and (MapKind.PARTY, keys.party_source(paper.party)) not in maps.links
        }
        found = super().candidates(journal, connection_name, batch)
        return Candidates([row for row in found.rows if row.external_ref in wanted])

    def record(self, item: Any, company: str, source_system: str) -> Record:
        assert isinstance(item, FiscalParty)
        party = item.party
        data = said_of(party)
        return Record(
            reference=party_reference(party.tax_id),
            number=party.code[:60],
            name=party.name,
            line=party.line,
            data=data,
            digest=hashlib.sha256(data.encode()).hexdigest(),
        )
