"""What people call the lines and columns of a table, in the command line and in the window."""

from __future__ import annotations

from app.translation import QT_TRANSLATE_NOOP
from importers.structure import LineRole

LINE_TEXTS = {
    LineRole.TITLE: QT_TRANSLATE_NOOP("structure", "titles"),
    LineRole.HEADING: QT_TRANSLATE_NOOP("structure", "headings"),
    LineRole.REPEATED: QT_TRANSLATE_NOOP("structure", "repeated headings"),
    LineRole.DATA: QT_TRANSLATE_NOOP("structure", "data"),
    LineRole.TOTAL: QT_TRANSLATE_NOOP("structure", "totals and balances"),
    LineRole.GROUP: QT_TRANSLATE_NOOP("structure", "groups"),
    LineRole.NOTE: QT_TRANSLATE_NOOP("structure", "blank lines and notes"),
}
COLUMN_TEXTS = {
    "": QT_TRANSLATE_NOOP("structure", "?"),
    "date": QT_TRANSLATE_NOOP("structure", "date"),
    "account": QT_TRANSLATE_NOOP("structure", "account"),
    "account_name": QT_TRANSLATE_NOOP("structure", "account name"),
    "reference": QT_TRANSLATE_NOOP("structure", "reference"),
    "text": QT_TRANSLATE_NOOP("structure", "description"),
    "party": QT_TRANSLATE_NOOP("structure", "third party"),
    "tax_id": QT_TRANSLATE_NOOP("structure", "tax id"),
    "identifier": QT_TRANSLATE_NOOP("structure", "identifier"),
    "currency": QT_TRANSLATE_NOOP("structure", "currency"),
    "debit": QT_TRANSLATE_NOOP("structure", "debit"),
    "credit": QT_TRANSLATE_NOOP("structure", "credit"),
    "amount": QT_TRANSLATE_NOOP("structure", "amount"),
    "balance": QT_TRANSLATE_NOOP("structure", "balance"),
}
