"""Contacts of a CRM and an ERP kept the same, field by field, each by its owner.

A pair is found by what it was before, by a reference both carry, by a tax id that is nobody else's,
or by an e-mail that is nobody else's where no tax id contradicts; a name alone is a question. A
pair is never made and written in one go. Deletes never cross.
"""

from __future__ import annotations

from app.inbox.contacts.linking import Link, NoLink, link, links, unlink
from app.inbox.contacts.pairing import AlreadyPaired, how_text, join, keep_apart
from app.inbox.contacts.questions import Question, Synced, asked, settle
from app.inbox.contacts.syncing import sync

__all__ = [
    "AlreadyPaired",
    "Link",
    "NoLink",
    "Question",
    "Synced",
    "asked",
    "how_text",
    "join",
    "keep_apart",
    "link",
    "links",
    "settle",
    "sync",
    "unlink",
]
