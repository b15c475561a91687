"""What a target's refusal means, in the reader's language, with the target's own words beside it.

Vendors answer in English or in their user's language, and name things as their programmers do. Only
what was seen of them is told in other words; the rest stays as it came.
"""

from __future__ import annotations

import re

from app.translation import QT_TRANSLATE_NOOP, translate

_KNOWN: tuple[tuple[str, str], ...] = (
    (
        r"not balanced|no está balancead|unbalanced|invalid_balance|must equal total credits"
        r"|does not balance|debits and credits are equal",
        QT_TRANSLATE_NOOP("refusal", "The entry does not balance."),
    ),
    (
        r"is archived|está archivad",
        QT_TRANSLATE_NOOP("refusal", "The account is archived in the target."),
    ),
    (
        r"not allowed to (?:create|modify|access)|no tiene permitido|no tiene permiso",
        QT_TRANSLATE_NOOP("refusal", "The user has no right to do this in the target."),
    ),
    (
        r"prior to and inclusive of|fecha de bloqueo|lock date|blocked until"
        r"|(?:period|date|month|year|journal)s?\b[^.]*\b(?:is|are|have been) locked"
        r"|posting period|period up to",
        QT_TRANSLATE_NOOP("refusal", "The period is closed in the target."),
    ),
    (
        r"another entry with the same name|number already exists|must be unique"
        r"|already been created|already exists|already assigned",
        QT_TRANSLATE_NOOP("refusal", "The target has one of that number or name already."),
    ),
    (
        r"record does not exist|has been deleted|no existe o fue eliminado",
        QT_TRANSLATE_NOOP("refusal", "Something the document names is not in the target."),
    ),
    (
        r"missing required account",
        QT_TRANSLATE_NOOP("refusal", "A line has no account."),
    ),
    (
        r"^no account |account code .* not a valid code|valid account code|invalid_account",
        QT_TRANSLATE_NOOP("refusal", "The account is not in the target."),
    ),
    (
        r"another model is using the record",
        QT_TRANSLATE_NOOP("refusal", "An account of the entry is not in the target."),
    ),
    (
        r"readonly fields on a posted|must be in draft|must be a draft|debe ser un borrador",
        QT_TRANSLATE_NOOP("refusal", "The entry is posted in the target and cannot be changed."),
    ),
    (
        r"\b(?:VAT|RFC|NIT|tax id)\b.*(?:does not seem to be valid|no (?:parece ser|es) válid)"
        r"|invalid_identification",
        QT_TRANSLATE_NOOP("refusal", "The tax id is not valid for the target."),
    ),
    (
        r"access to unauthorized or invalid companies",
        QT_TRANSLATE_NOOP("refusal", "The user does not belong to that company."),
    ),
)


def meaning(words: str) -> str:
    """What it means in the current language; empty where that is not known."""
    for pattern, text in _KNOWN:
        if re.search(pattern, words, re.IGNORECASE):
            return translate("refusal", text)
    return ""


def told(words: str) -> str:
    """On one line: what it means, then the target's own words."""
    own = " ".join(words.split())
    known = meaning(words)
    return f"{known} ({own})" if known and own else own
