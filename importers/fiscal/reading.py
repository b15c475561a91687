"""A file, a folder or a zip of fiscal documents as one answer: the documents, what a metadata file
says of their state, and which of those it names have no XML here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    findings: list[Said] = field(default_factory=list)
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    """States that answers of the DIAN and adjustments of payroll give to documents by their key."""

    def as_json(self) -> dict[str, Any]:
        return {
            "documents": [document.as_json() for document in self.documents],
            "status": [status.as_json() for status in self.status],
            "missing_xml": self.missing_xml,
        }


def read_documents(exports: Iterable[Export], own_tax_ids: Sequence[str]) -> Reading:
    """Read all of them. What cannot be read is a finding; OSError is raised."""
    exports, company, found = list(exports), Company(own_tax_ids), Reading()
    seen: dict[str, str] = {}
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
        yield from _of_cfdi(Paper(root, name, company))
    elif root.name == "Retenciones":
        yield read_certificate(root, name, company)
    elif root.name in ubl.DOCUMENTS:
        yield _unless_ours(ubl.read_document(root, name, company), company)
    elif root.name == "AttachedDocument":
        inner = ubl.inner_of(root)
        if inner is not None and inner.name == "ApplicationResponse":
            yield from _of_answer(inner, name, company, found)
        else:
            yield _unless_ours(ubl.read_attached(root, name, company), company)
    elif root.name in ("NominaIndividual", "NominaIndividualDeAjuste"):
        yield from _of_payroll(root, name, company, found)
    elif root.name == "ApplicationResponse":
        yield from _of_answer(root, name, company, found)
    else:
        raise Unreadable("not-a-document", seen=root.name)


def _of_cfdi(paper: Paper) -> Iterator[FiscalDocument]:
    """A transfer of goods, and a pay slip somebody else pays, are kept and ignored."""
    refuse_other_versions(paper.root)
    match paper.type:
        case "I" | "E":
            yield read_invoice(paper)
        case "P":
            yield from read_payments(paper)
        case "N":
            slip = read_nomina(paper)
            is_ours = slip.direction == "issued"
            yield slip if is_ours else replace(slip, kind=Kind.IGNORED, reason="CFDI N")
        case kind:
            yield replace(read_invoice(paper), kind=Kind.IGNORED, reason=f"CFDI {kind or '?'}")


def _of_payroll(
    root: Node, name: str, company: Company, found: Reading
) -> Iterator[FiscalDocument]:
    voided = next(root.find("EliminandoPredecesor"), None)
    if voided is None:
        yield read_co_payroll(root, name, company)
        return
    number = next((node.get("Numero") for node in root.find("NumeroSecuenciaXML")), "?")
    values = {"seen": number, "other": voided.get("NumeroPred") or "?"}
    found.verdicts.append((voided.get("CUNEPred").lower(), "cancelled"))
    found.findings.append(Said(name, "", Finding("document-voids", 0, 0, values)))


def _of_answer(root: Node, name: str, company: Company, found: Reading) -> Iterator[FiscalDocument]:
    """The DIAN's verdict on a document is its state; what a party says of one is an event."""
    event = ubl.read_event(root, name, company)
    verdict = ubl.VERDICTS.get(str(event.fiscal["type"]))
    if verdict is None:
        yield event
        return
    found.verdicts += [(relation.id, verdict) for relation in event.relations or ()]
    what = f"ApplicationResponse {event.fiscal['type']}"
    found.findings.append(Said(name, "", Finding("no-effect", 0, 0, {"what": what})))


def _unless_ours(document: FiscalDocument, company: Company) -> FiscalDocument:
    """A documento soporte whose seller is the company is the buyer's paper, not its own."""
    is_support = document.fiscal["type"] in ("05", "95")
    if is_support and document.direction == "received":
        return replace(document, kind=Kind.IGNORED, reason="documento soporte del comprador")
    return document


def _keep(
    document: FiscalDocument,
    export: Export,
    found: Reading,
    seen: dict[str, str],
) -> None:
    """A document that came before is kept once, with all that its copies say of its state and
    files; with other content it is said. One without a key is like no other.
    """
    digest = hashlib.sha256(export.content.whole).hexdigest()
    first, *others = document.attachments
    stamped = (replace(first, sha256=digest), *others)
    document = replace(document, attachments=stamped)
    key = document.id if document.fiscal["id"] else f"{export.origin}{document.id}"
    if key not in seen:
        seen[key] = export.name
        found.documents.append(document)
        found.findings += [Said(export.name, document.id, one) for one in document.findings]
        return
    values = {"document": key, "other": seen[key]}
    place = next(n for n, other in enumerate(found.documents) if other.id == document.id)
    known = found.documents[place]
    finding = Finding("repeated-document", 0, 0, values)
    if _same(document, known):
        found.documents[place] = _joined(known, document)
    else:
        finding = Finding("document-differs", 0, 0, values)
    found.findings.append(Said(export.name, key, finding))


def _same(document: FiscalDocument, known: FiscalDocument) -> bool:
    """Whether the same document was read from another file, a container or a copy of it."""
    fiscal = {**document.fiscal, "status": known.fiscal["status"]}
    return replace(document, fiscal=fiscal, attachments=known.attachments) == known


def _joined(known: FiscalDocument, other: FiscalDocument) -> FiscalDocument:
    """One document of two readings: the worse of their states, and the files of both."""
    states = known.fiscal["status"], other.fiscal["status"]
    status = max(map(str, states), key=_STATES.index)
    files = {one.sha256 or one.name: one for one in (*other.attachments, *known.attachments)}
    kept = sorted(files.values(), key=lambda one: one.role)
    return replace(known, fiscal={**known.fiscal, "status": status}, attachments=tuple(kept))


_STATES = ("unknown", "valid", "rejected", "cancelled")
"""From what says least to what is final: a cancelled document is never valid again."""


def _settle(found: Reading) -> None:
    """States of metadata and answers for the documents that are here, and which are not."""
    found.status = _one_each(found.status)
    states: dict[str, str] = {}
    for key, state in (*((one.id, one.status) for one in found.status), *found.verdicts):
        states[key] = max(states.get(key, "unknown"), state, key=_STATES.index)
    found.documents = [_with_state(document, states) for document in found.documents]
    here = {str(document.fiscal["id"]) for document in found.documents}
    found.missing_xml = [status.id for status in found.status if status.id not in here]
    invoices = {one.id: one for one in found.documents if one.lines is not None}
    for document in found.documents:
        if document.fiscal["status"] in ("cancelled", "rejected"):
            values = {"seen": document.number["text"] or document.id}
            said = Said("", document.id, Finding("cancelled-document", 0, 0, values))
            found.findings.append(said)
        for part in document.applications or ():
            settled = invoices.get(part.id)
            if settled is not None and part.before is not None:
                _check_balance(found, document, part.before, settled)


def _one_each(status: Sequence[Status]) -> list[Status]:
    """One a document, the most final."""
    kept: dict[str, Status] = {}
    for one in status:
        before = kept.get(one.id)
        if before is None or _STATES.index(one.status) > _STATES.index(before.status):
            kept[one.id] = one
    return list(kept.values())


def _with_state(document: FiscalDocument, states: Mapping[str, str]) -> FiscalDocument:
    state = states.get(str(document.fiscal["id"]))
    if state is None:
        return document
    worst = max(str(document.fiscal["status"]), state, key=_STATES.index)
    return replace(document, fiscal={**document.fiscal, "status": worst})


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
