"""Where the sides of a reconciliation are from, as an auditor finds them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.journal import Journal, batches, originals, pulls
from app.translation import translate
from importers.content import Content


@dataclass(frozen=True, slots=True)
class Origin:
    """A file by ``name`` and SHA-256, or the books of the connection of that name (``is_books``);
    ``at`` is when it was imported or read.
    """

    name: str
    sha256: str = ""
    at: str = ""
    is_books: bool = False

    @property
    def title(self) -> str:
        """In the current language."""
        if not self.is_books:
            return self.name
        return translate("report", "books of {name}").format(name=self.name)

    @property
    def proof(self) -> str:
        """When and what; empty where neither is known."""
        digest = f"SHA-256 {self.sha256}" if self.sha256 else ""
        return " · ".join(filter(None, (self.at, digest)))


def origin_of(journal: Journal, spec: str, months: tuple[date, date] | None) -> Origin:
    """What a side is right now: the imported file, the books as they were read last, a file as it
    lies there. Raises OSError.
    """
    if spec.startswith("batch:") and spec[6:].isdecimal():
        batch = batches.find(journal, int(spec[6:]))
        if batch is not None:
            return Origin(batch.name, batch.sha256, _day_and_minute(batch.started_at))
    if spec.startswith("pull:"):
        name = spec.removeprefix("pull:")
        read = pulls.latest(journal, name, months)
        if read is None:
            return Origin(name, is_books=True)
        return Origin(name, read.digest, _day_and_minute(read.pulled_at), is_books=True)
    path = Path(spec)
    digest = originals.sha256(Content.open(path)) if path.is_file() else ""
    return Origin(path.name, digest)


def _day_and_minute(at: str) -> str:
    """An instant of the journal, as UTC: papers are the same wherever they are written."""
    return f"{at[:16].replace('T', ' ')} UTC" if at else ""
