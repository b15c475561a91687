"""The local journal: every file, line, finding, document, intent, answer and decision, in one
database.
"""

from app.journal.store import Journal

__all__ = ["Journal"]
