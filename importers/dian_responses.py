"""DIAN: events about a document (UBL ``ApplicationResponse``): it was received, claimed, accepted.
There is no money in one; what it says of which document is told.

Source: DIAN's technical annex of the electronic invoice 1.9, §13 (events 030 to 034).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from importers import markup
from importers.findings import Finding
from importers.markup import Element, Item
from importers.source import Source

_ROOT = "ApplicationResponse"


def read(source: Source) -> Iterator[Item]:
    """No record: which event of which document, as a finding."""
    yield from markup.read(source, frozenset({_ROOT}), _Response().step)


@dataclass
class _Response:
    path: list[str] = field(default_factory=list)
    line: int = 0
    said: dict[str, str] = field(default_factory=dict)

    def step(self, element: Element) -> Iterator[Item]:
        if element.starts:
            self.path.append(element.name)
            self.line = self.line or element.line
            return
        self.path.pop()
        parent = self.path[-1] if self.path else ""
        text = element.text.strip()
        if text and (parent, element.name) in (
            ("Response", "ResponseCode"),
            ("Response", "Description"),
            ("DocumentReference", "ID"),
        ):
            self.said.setdefault(element.name, text)
        if element.name == _ROOT and not self.path:
            names = ("ResponseCode", "Description", "ID")
            what = " ".join([_ROOT, *(self.said.get(name, "") for name in names)])
            yield Finding("no-effect", self.line, 0, {"what": " ".join(what.split())})
