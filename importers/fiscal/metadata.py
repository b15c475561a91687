"""What the SAT's metadata says of documents whose XML never changes: whether they are valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_STATES = {"1": "valid", "vigente": "valid", "0": "cancelled", "cancelado": "cancelled"}
_BEGINNING = "uuid~rfcemisor~"


@dataclass(frozen=True, slots=True)
class Status:
    """Of a document by its UUID; ``cancelled_on`` is empty for a valid one."""

    id: str
    status: str
    cancelled_on: str = ""

    def as_json(self) -> dict[str, str]:
        said = {"id": self.id, "status": self.status}
        return {**said, "cancelled_on": self.cancelled_on} if self.cancelled_on else said


def is_metadata(text: str) -> bool:
    return text.lstrip("\ufeff").replace("|", "").lower().startswith(_BEGINNING)


def statuses(text: str) -> Iterator[Status]:
    """One a record. Records end in CR LF; a lone LF stands inside a name. Raises ValueError where a
    record has another number of cells than the heading.
    """
    mark = "\r\n" if "\r\n" in text else "\n"
    heading, *records = (line for line in text.lstrip("\ufeff").split(mark) if line.strip())
    names = [name.strip("|") for name in heading.casefold().strip().split("~")]
    for number, record in enumerate(_whole(records, len(names)), 2):
        cells = dict(zip(names, (cell.strip("|") for cell in record.split("~")), strict=False))
        if len(record.split("~")) != len(names):
            raise ValueError(f"{number}: {record[:40]}")
        state = _STATES.get(cells.get("estatus", "").strip().casefold(), "unknown")
        cancelled_on = cells.get("fechacancelacion", "").strip()[:10]
        yield Status(
            id=cells["uuid"].strip().upper(),
            status=state,
            cancelled_on=cancelled_on if state == "cancelled" else "",
        )


def _whole(records: list[str], width: int) -> Iterator[str]:
    """Records that a lone line feed has broken, put together again."""
    waiting = ""
    for record in records:
        waiting = f"{waiting} {record}".strip() if waiting else record
        if waiting.count("~") >= width - 1:
            yield waiting.replace("\n", " ")
            waiting = ""
    if waiting:
        yield waiting
