"""What a target has no place for, in words: told before anything is sent, and once for a
connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.company.field_owners import FIELD_TEXTS
from app.documents.targets import WITHOUT_PARTY
from app.translation import QT_TRANSLATE_NOOP, translate

_ENTRY_TEXTS = {
    "entry.partner": QT_TRANSLATE_NOOP("left-out", "the party of a line"),
    "entry.dimension": QT_TRANSLATE_NOOP("left-out", "the segment of a line"),
    "entry.uuids": QT_TRANSLATE_NOOP("left-out", "the fiscal documents of a voucher"),
    "entry.folio": QT_TRANSLATE_NOOP("left-out", "the number of a voucher"),
}
_FISCAL_TEXTS = {
    "invoice.files": QT_TRANSLATE_NOOP("left-out", "the files of a document; Cuadre keeps them"),
    "invoice.relation": QT_TRANSLATE_NOOP(
        "left-out",
        "what a credit note settles, because no file brings that invoice: it stays open there",
    ),
}
NO_PARTY = QT_TRANSLATE_NOOP(
    "left-out",
    "Lines on {value} name no customer or supplier; give the accounts or parties a partner in the"
    " map.",
)
NO_PLACE = QT_TRANSLATE_NOOP("left-out", "Not sent, the target has no place for it: {what}")


def text_of(field: str, value: str) -> str:
    """One thing of documents about to be sent, in the current language."""
    if field == WITHOUT_PARTY:
        return translate("left-out", NO_PARTY).format(value=value)
    what = " ".join(filter(None, (_name(field), value)))
    return translate("left-out", NO_PLACE).format(what=what)


def names(fields: Collection[str]) -> Iterator[str]:
    """What of vouchers and contacts is never sent to a target; other kinds do not go yet."""
    for field in sorted(fields):
        if field in _ENTRY_TEXTS or field.startswith("contact."):
            yield _name(field)


def _name(field: str) -> str:
    kind, _, name = field.partition(".")
    if kind == "contact":
        text = translate("left-out", "of a contact: {field}")
        return text.format(field=translate("fields", FIELD_TEXTS[name]))
    return translate("left-out", (_ENTRY_TEXTS | _FISCAL_TEXTS)[field])
