"""A fiscal document's XML as a tree: elements by their local names, whatever prefix a program gives
them. Entities are refused (no bombs, no external files).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from importers.encoding import declared_encoding
from importers.tables import release, xml_parser
from importers.unreadable import Unreadable


@dataclass(slots=True)
class Node:
    """An element: its local name, namespace, attributes, direct text and children."""

    name: str
    namespace: str
    attributes: Mapping[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def get(self, *names: str) -> str:
        """The first of these attributes that says something; empty without."""
        return next((said for name in names if (said := self.attributes.get(name, "").strip())), "")

    def at(self, path: str) -> Node:
        """The first element along a path of local names (``Emisor``, ``Party/PartyTaxScheme``); an
        empty one where there is none.
        """
        return next(self.all(path), _NOTHING)

    def all(self, path: str) -> Iterator[Node]:
        """Every element along a path of children."""
        first, _, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def said(self, *paths: str) -> str:
        """The text of the first of these paths that has one."""
        texts = (node.text.strip() for path in paths for node in self.all(path))
        return next(filter(None, texts), "")

    def find(self, name: str) -> Iterator[Node]:
        """Every element of a name below this one, however deep."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.find(name)


_NOTHING = Node("", "", {})


def parse(data: bytes) -> Node:
    """The root of a document. Raises Unreadable where it is no well-formed XML."""
    text = data.decode(declared_encoding(data).encoding, "replace").lstrip("\ufeff \t\r\n")
    return parse_text(text)


def parse_text(text: str) -> Node:
    """The same of text; an encoding it declares says nothing any more."""
    builder = _Builder()
    parser = xml_parser("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise Unreadable("damaged-xml", line=error.lineno, reason=reason) from None
    finally:
        release(parser)
    assert builder.root is not None
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        namespace, _, local = name.rpartition("}")
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        node = Node(local, namespace, plain)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._open[-1].text += text
