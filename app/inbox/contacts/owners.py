"""Which of two systems owns which field of a contact, and whether it flows to the other.

Without one of its own a company has the map of ``resources/ownership/crm_erp.csv``: fiscal data is
the ERP's, how a person is reached the CRM's.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import resources
from app.company import settings
from app.company.field_owners import FIELD_TEXTS
from app.journal import Journal, roles
from app.journal.roles import Role
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate

_SETTING = "crm-fields"
NEVER_RESTORED = frozenset({"name", "tax_id"})
"""Fields nobody overwrites without a person: documents are under them."""


class Side(StrEnum):
    CRM = "crm"
    ERP = "erp"

    @property
    def other(self) -> Side:
        return Side.ERP if self is Side.CRM else Side.CRM

    @property
    def text(self) -> str:
        """As people write it, the same in both languages."""
        return self.value.upper()


class NoField(Refused, ValueError):
    """No field, or an owner there is not; the argument is what was said."""

    context, words = "fields", QT_TRANSLATE_NOOP("fields", "There is no “{text}”.")

    def said(self) -> Mapping[str, object]:
        return {"text": self}


class NotRestored(Refused, ValueError):
    """A field nobody overwrites without a person; the argument is its name."""

    context = "fields"
    words = QT_TRANSLATE_NOOP(
        "fields", "{field} is never put back by itself: documents are under it."
    )

    def said(self) -> Mapping[str, object]:
        return {"field": translate("fields", FIELD_TEXTS[str(self)])}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """``restores``: where the side that does not own a field changed it, the owner's value is
    written back; else it is only reported.
    """

    owner: Side
    flows: bool
    restores: bool = False


def load(journal: Journal) -> dict[str, FieldRule]:
    """Field → its rule."""
    kept: dict[str, list[object]] = json.loads(settings.get(journal, _SETTING, "{}"))
    own = {
        name: FieldRule(Side(str(owner)), bool(flows), bool(restores))
        for name, (owner, flows, restores) in kept.items()
    }
    return {**_shipped(), **own}


def change(
    journal: Journal, field: str, owner: str, flows: bool = True, restores: bool = False
) -> None:
    """Say who owns a field from now on. Raises NotAllowed, NoField, NotRestored."""
    roles.require(journal, Role.ADMIN)
    if field not in _shipped():
        raise NoField(field)
    if owner not in Side.__members__.values():
        raise NoField(owner)
    if restores and field in NEVER_RESTORED:
        raise NotRestored(field)
    kept = json.loads(settings.get(journal, _SETTING, "{}"))
    kept[field] = [owner, flows, restores]
    settings.put(journal, _SETTING, json.dumps(kept, sort_keys=True))


@cache
def _shipped() -> Mapping[str, FieldRule]:
    text = resources.path("ownership", "crm_erp.csv").read_text("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["field"]: FieldRule(Side(row["owner"]), row["flows"] == "yes") for row in rows}
