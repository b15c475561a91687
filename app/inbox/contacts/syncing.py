"""One comparison of all contacts of two systems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.inbox.contacts import fields, owners, pairing, questions
from app.inbox.contacts.fields import Field
from app.inbox.contacts.linking import Link, NoLink
from app.inbox.contacts.owners import Side
from app.inbox.contacts.pairing import Sides
from app.inbox.contacts.questions import Synced
from app.journal import Journal, pairs, roles
from app.journal.roles import Role
from app.journal.rows import PairRow
from connectors import DocumentConnector
from connectors.contract import ChangesContacts


def sync(
    journal: Journal,
    between: Link,
    crm: DocumentConnector,
    erp: DocumentConnector,
    again: bool = False,
) -> Synced:
    """Compare every pair and let the owners' changes flow. ``again``: what was refused before is
    tried once more. Raises ConnectorError, NoLink, NotAllowed.
    """
    roles.require(journal, Role.PUSH)
    if not isinstance(crm, ChangesContacts) or not isinstance(erp, ChangesContacts):
        raise NoLink(between)
    found = Synced()
    sides: Sides = {
        Side.CRM: {one.code: one for one in crm.partners()},
        Side.ERP: {one.code: one for one in erp.partners()},
    }
    standing = pairing.brought_up_to_date(journal, between, sides, found)
    targets = {Side.CRM: crm, Side.ERP: erp}
    fields.compare(journal, _fields(journal, standing, sides), targets, found, again)
    pairing.pair_new(journal, between, standing, sides, found)
    questions.remember(journal, between, found)
    return found


def _fields(journal: Journal, standing: Iterable[PairRow], sides: Sides) -> Iterator[Field]:
    """Those of each pair that both systems have."""
    rows, rules = list(standing), owners.load(journal)
    agreed = pairs.agreed(journal, [row.id for row in rows])
    for row in rows:
        both = {Side.CRM: sides[Side.CRM][row.left_id], Side.ERP: sides[Side.ERP][row.right_id]}
        for name, rule in rules.items():
            if all(name in one.fields for one in both.values()):
                yield Field(row, name, rule, both, agreed[row.id].get(name))
