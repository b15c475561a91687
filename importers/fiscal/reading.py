"""A file, a folder or a zip of fiscal documents as one answer: the documents, what a metadata file
says of their state, and which of those it names have no XML here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from importers.archives import Export
from importers.encoding import detect
from importers.findings import Finding
from importers.fiscal import ubl
from importers.fiscal.certificates import read_certificate
from importers.fiscal.cfdi import Paper, read_invoice, refuse_other_versions
from importers.fiscal.cfdi_payments import read_payments
from importers.fiscal.metadata import Status, is_metadata, statuses
from importers.fiscal.model import FiscalDocument, Kind
from importers.fiscal.payroll import read_co_payroll, read_nomina
from importers.fiscal.sides import Company
from importers.fiscal.tree import Node, parse
from importers.tables import Container, sniff
from importers.unreadable import Unreadable, stumbling


@dataclass(frozen=True, slots=True)
class Said:
    """A finding with the file, and the document, it is about."""

    file: str
    document: str
    finding: Finding


@dataclass
class Reading:
    """Everything that was found. ``missing_xml`` are documents the metadata names and no file
    holds; what is no document is a finding.
    """

    documents: list[FiscalDocument] = field(default_factory=list)
    status: list[Status] = field(default_factory=list)
    missing_xml: list[str] = field(default_factory=list)
    events: list[dict[str, str]] = field(default_factory=list)
    """What the DIAN was told of a document: code, and the document by number and key."""
    findings: list[Said] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "documents": [document.as_json() for document in self.documents],
            "status": [status.as_json() for status in self.status],
            "missing_xml": self.missing_xml,
            "events": self.events,
        }


def read_documents(exports: Iterable[Export], own_tax_ids: Sequence[str]) -> Reading:
    """Read all of them. What cannot be read is a finding; OSError is raised."""
    exports, company, found = list(exports), Company(own_tax_ids), Reading()
    seen: dict[str, tuple[str, str]] = {}
    for export in exports:
        try:
            with stumbling():
                for document in _whole(export, company, found):
                    _keep(document, export, found, seen)
        except _NoXml as other:
            # What accompanies documents (a PDF, a list) is named; alone it is a mistake.
            finding = Finding("no-effect", 0, 0, {"what": export.name})
            if len(exports) == 1:
                finding = Finding("not-a-document", 0, 0, {"seen": str(other)})
            found.findings.append(Said(export.name, "", finding))
        except Unreadable as unreadable:
            finding = Finding(unreadable.code, 0, 0, unreadable.parameters)
            found.findings.append(Said(export.name, "", finding))
    _settle(found)
    return found


def _whole(export: Export, company: Company, found: Reading) -> list[FiscalDocument]:
    """The documents of a file, all or none. Raises Unreadable."""
    try:
        return list(_documents_of(export, company, found))
    except ValueError as error:
        raise Unreadable("not-an-amount", field="XML", seen=str(error)[:60] or "-") from None


def _documents_of(export: Export, company: Company, found: Reading) -> Iterator[FiscalDocument]:
    """The documents of a file; what it says of others' state is kept at once."""
    data = export.content.whole
    container = _container(export)
    if container is Container.XML:
        yield from _of_xml(parse(data), export, company, found)
        return
    if container is Container.TEXT:
        text = data.decode(detect(data).encoding, "replace")
        if is_metadata(text):
            found.status += statuses(text)
            return
    raise _NoXml(export.name)


class _NoXml(Exception):
    """A file that holds no fiscal document, by its kind."""


def _container(export: Export) -> Container:
    try:
        return sniff(export.content)
    except Unreadable as unreadable:
        if unreadable.code == "foreign-file":
            raise _NoXml(export.name) from None
        raise


def _of_xml(
    root: Node, export: Export, company: Company, found: Reading
) -> Iterator[FiscalDocument]:
    name = export.name
    if root.name == "Comprobante":
        yield from _of_cfdi(Paper(root, name, company), found)
    elif root.name == "Retenciones":
        yield read_certificate(root, name, company)
    elif root.name in ubl.DOCUMENTS:
        yield ubl.read_document(root, name, company)
    elif root.name == "AttachedDocument":
        yield ubl.read_attached(root, name, company)
    elif root.name in ("NominaIndividual", "NominaIndividualDeAjuste"):
        yield from _of_payroll(root, name, company, found)
    elif root.name == "ApplicationResponse":
        _event(root, name, found)
    else:
        raise Unreadable("not-a-document", seen=root.name)


def _of_cfdi(paper: Paper, found: Reading) -> Iterator[FiscalDocument]:
    refuse_other_versions(paper.root)
    match paper.type:
        case "I" | "E":
            yield read_invoice(paper)
        case "P":
            yield from read_payments(paper)
        case "N":
            slip = read_nomina(paper)
            if slip.direction == "received":
                _ignore(found, paper.name, f"CFDI N {paper.uuid}")
            else:
                yield slip
        case kind:
            _ignore(found, paper.name, f"CFDI {kind or '?'} {paper.uuid}".strip())


def _of_payroll(
    root: Node, name: str, company: Company, found: Reading
) -> Iterator[FiscalDocument]:
    voided = next(root.find("EliminandoPredecesor"), None)
    if voided is None:
        yield read_co_payroll(root, name, company)
        return
    number = next((node.get("Numero") for node in root.find("NumeroSecuenciaXML")), "?")
    values = {"seen": number, "other": voided.get("NumeroPred") or "?"}
    found.findings.append(Said(name, "", Finding("document-voids", 0, 0, values)))


def _event(root: Node, name: str, found: Reading) -> None:
    """An event of a document (030 received … 034 accepted): no document itself."""
    answer = root.at("DocumentResponse")
    code = answer.said("Response/ResponseCode")
    about = answer.at("DocumentReference")
    number, key = about.said("ID"), about.said("UUID").lower()
    found.events.append({"code": code, "number": number, "id": key})
    what = " ".join(filter(None, ("ApplicationResponse", code, number)))
    finding = Finding("no-effect", 0, 0, {"what": what})
    if code == _CLAIM:
        finding = Finding("document-claimed", 0, 0, {"seen": number or key})
    found.findings.append(Said(name, key, finding))


_CLAIM = "031"


def _ignore(found: Reading, name: str, what: str) -> None:
    found.findings.append(Said(name, "", Finding("no-effect", 0, 0, {"what": what})))


def _keep(
    document: FiscalDocument,
    export: Export,
    found: Reading,
    seen: dict[str, tuple[str, str]],
) -> None:
    """A document that came before is kept once; with other content it is said."""
    digest = hashlib.sha256(export.content.whole).hexdigest()
    key = document.id
    known = seen.setdefault(key, (digest, export.name))
    if known[1] != export.name or known[0] != digest:
        same = known[0] == digest or _same(document, found.documents)
        values = {"document": key, "other": known[1]}
        repeated = Finding("repeated-document", 0, 0, values)
        finding = repeated if same else Finding("document-differs", 0, 0, values)
        found.findings.append(Said(export.name, key, finding))
        return
    found.documents.append(document)
    found.findings += [Said(export.name, key, finding) for finding in document.findings]


def _same(document: FiscalDocument, others: Sequence[FiscalDocument]) -> bool:
    """Whether the same document was read from another file, a container or a copy of it."""
    found = next(other for other in others if other.id == document.id)
    fiscal = {**document.fiscal, "status": found.fiscal["status"]}
    return replace(document, fiscal=fiscal, attachments=found.attachments) == found


def _settle(found: Reading) -> None:
    """States of the metadata for the documents that are here, and which are not."""
    states = {status.id: status.status for status in found.status}
    found.documents = [
        replace(document, fiscal={**document.fiscal, "status": states[str(document.fiscal["id"])]})
        if str(document.fiscal["id"]) in states
        else document
        for document in found.documents
    ]
    here = {str(document.fiscal["id"]) for document in found.documents}
    found.missing_xml = [status.id for status in found.status if status.id not in here]
    invoices = {one.id: one for one in found.documents if one.kind is not Kind.PAYROLL}
    for document in found.documents:
        if document.fiscal["status"] in ("cancelled", "rejected"):
            values = {"seen": document.number["text"] or document.id}
            found.findings.append(
                Said("", document.id, Finding("cancelled-document", 0, 0, values))
            )
        for part in document.applications or ():
            settled = invoices.get(part.id)
            if settled is not None and part.before is not None:
                _check_balance(found, document, part.before, settled)


def _check_balance(
    found: Reading, payment: FiscalDocument, before: object, settled: FiscalDocument
) -> None:
    """A part cannot begin above the invoice's total."""
    total = settled.totals["total"]
    assert isinstance(before, type(total))
    if before > total:
        what = f"{settled.number['text']} ImpSaldoAnt"
        values = {"what": what, "seen": before, "expected": total}
        found.findings.append(Said("", payment.id, Finding("total-mismatch", 0, 0, values)))
