"""What is wrong, doubtful or worth knowing in a file, and where.

Every finding has a code from :data:`RULES`; the rule gives its severity and its wording. *Errors*
block the document they belong to, *warnings* ask a person, *notes* only inform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from importers.wording import QT_TRANSLATE_NOOP, Message


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``line`` is the 1-based physical line (0: the file as a whole), ``column`` the
    1-based character or cell (0: the whole line), ``parameters`` fill the rule's text (value seen,
    value expected).
    """

    code: str
    line: int
    column: int = 0
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return RULES[self.code][0]

    @property
    def message(self) -> Message:
        return Message(RULES[self.code][1], self.parameters)


def _texts() -> dict[str, tuple[Severity, str]]:
    error, warning, note = Severity.ERROR, Severity.WARNING, Severity.NOTE
    return {
        # the file as a whole
        "empty-file": (
            error,
            QT_TRANSLATE_NOOP("findings", "The file is empty (0 bytes). Export it again."),
        ),
        "only-zeros": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The file holds {size} bytes, all zero: the copy or the disk failed. Export it"
                " again and check the disk it was copied from.",
            ),
        ),
        "formula-without-value": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} cells hold a formula without a stored result and read as blank. Open the"
                " workbook in Excel, save it and import it again.",
            ),
        ),
        "foreign-file": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "This is a {kind}, whatever its name says; it holds no lines to read. Export the"
                " report as text or Excel.",
            ),
        ),
        "password-protected": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The workbook is protected with a password. Open it in Excel, remove the password"
                " (File > Info > Protect) and save it again.",
            ),
        ),
        "damaged-workbook": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The workbook is damaged and cannot be opened. Open it in Excel, save it again as"
                " .xlsx and retry.",
            ),
        ),
        "damaged-table": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The DBF table is damaged or was not copied whole. Copy it again while the program"
                " that writes it is closed.",
            ),
        ),
        "record-count": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The header of the table states {seen} records; the file holds {expected}. Nothing"
                " of it will be sent; copy it again while the program that writes it is closed.",
            ),
        ),
        "amounts-before-tax": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "The report states no total: each amount is quantity times unit price less the"
                " discount, before taxes.",
            ),
        ),
        "damaged-statement": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The statement cannot be read: {reason}. Download it again from the bank.",
            ),
        ),
        "damaged-xml": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The XML is cut off or not well formed, seen in line {line}. Download it again.",
            ),
        ),
        "cfdi-version": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "This is a CFDI {seen}; versions 3.3 and 4.0 are read. Ask for the document in one"
                " of them, or enter it by hand.",
            ),
        ),
        "sheet-not-read": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "Sheet “{name}” is another table and was not read ({count} rows). Import it from a"
                " workbook of its own if it is needed.",
            ),
        ),
        "foreign-amount": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The movement carries {seen} in a foreign currency the file does not name (at"
                " {rate} they are {amount}). The target would get only the local amount, so the"
                " voucher is held; enter it there by hand.",
            ),
        ),
        "damaged-zip": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The zip is damaged, protected with a password, or says otherwise of its files than"
                " they are. Download or pack it again without a password.",
            ),
        ),
        "slow-pattern": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The pattern “{seen}” of the chosen report does not come to an end on this file."
                " Correct the report, or choose another.",
            ),
        ),
        "reader-failed": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Cuadre stumbled over this file ({reason}). Nothing of it will be sent; the file is"
                " kept as it is. Please send it to support.",
            ),
        ),
        "too-long": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "{field} is {seen} characters long; at most {most} are kept. The document is held.",
            ),
        ),
        "currency-assumed": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "Amounts of which the file names no currency were taken to be in the company's,"
                " {currency}.",
            ),
        ),
        "branch-remembered": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "Its folios are those of branch {branch}, as was said of files like it before."
                " Where it is of none, import it with - as the branch.",
            ),
        ),
        "document-not-whole": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Only the total of this document can be read, so it cannot be sent as a document:"
                " {seen} ({reason}).",
            ),
        ),
        "known-document": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "Document {identifier} was imported with batch {batch} before; it is not counted"
                " again.",
            ),
        ),
        "known-documents": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} documents were imported before (the first with batch {batch}); they are"
                " kept here and not counted again.",
            ),
        ),
        "repeated-documents": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} documents stand more than once among these files; each is counted once.",
            ),
        ),
        "attachments-alone": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} files that hold nothing to read ({name} and others) lie beside no XML of"
                " their name; they are kept without a document.",
            ),
        ),
        "not-a-document": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "This is no electronic document but “{seen}”. Import it by itself.",
            ),
        ),
        "document-too-large": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The document has {seen} bytes; no electronic document is that large. It was kept"
                " and not read.",
            ),
        ),
        "damaged-archive": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The archive is damaged or was not copied whole. Copy or pack it again."
            ),
        ),
        "sheet-repeats": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Sheet “{name}” only repeats rows of another sheet ({count}); they are not counted"
                " twice.",
            ),
        ),
        "rows-repeated": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} of the {count} rows of sheet “{name}” stand in another sheet already: are"
                " they the same movements?",
            ),
        ),
        "no-effect": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "{what}: a document without effect on the books; it is not counted."
            ),
        ),
        "counted-all-the-same": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "“{name}” says “{seen}”, and the row was counted all the same. If nothing moved,"
                " name that value in a layout (skip_where) or take the row out of the file.",
            ),
        ),
        "not-counted": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "{name} is “{seen}”: the row moved nothing and is not counted."
            ),
        ),
        "whose-books": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document"
                " is read as if it had issued it. Check whose it is.",
            ),
        ),
        "whose-books-unsaid": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Nobody said whose books these are: the document of {issuer} for {receiver} is"
                " read as issued. Set the company's own tax id.",
            ),
        ),
        "several-stamps": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The CFDI has more than one stamp: {seen}. The first one counts."
            ),
        ),
        "repeated-identifier": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The bank's identifier {seen} stands twice in the statement: is it the same"
                " movement?",
            ),
        ),
        "not-stamped": (
            warning,
            QT_TRANSLATE_NOOP("findings", "The CFDI has no UUID: it is not stamped (timbrado)."),
        ),
        "unsupported-container": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Files of the kind {kind} are recognised but not read by this version. Export the"
                " report as text, CSV or Excel.",
            ),
        ),
        "unknown-layout": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "No known report fits this file (best guess {guess} with {score} %). Choose a"
                " report by hand, or say what its columns are with the layout editor (cuadre"
                " profile new).",
            ),
        ),
        "unknown-profile": (
            error,
            QT_TRANSLATE_NOOP("findings", "There is no profile called {seen}."),
        ),
        "profile-misfit": (
            error,
            QT_TRANSLATE_NOOP("findings", "The profile {seen} cannot read this file: {reason}"),
        ),
        "truncated": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The file is cut in the middle of line {line}: {seen} characters where {expected}"
                " belong and no end of line. Nothing of it will be sent; export it again.",
            ),
        ),
        "no-records": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The layout was recognised, but the file has no movement."
            ),
        ),
        "not-decodable": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The file cannot be read with the encoding {seen}. Choose another one."
            ),
        ),
        "encoding-doubtful": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The encoding is a guess ({encoding}, {confidence} % sure). Check the accents in"
                " the preview before going on.",
            ),
        ),
        "mixed-encoding": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "This line is written in {seen} while the file is in {expected}; it was read as"
                " {seen}.",
            ),
        ),
        "doubtful-letters": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The letters {seen} are unlikely in {encoding}, the encoding of the rest of the"
                " file; they were read so. Check this line.",
            ),
        ),
        "endless-line": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "From byte {offset} on, {seen} bytes follow without an end of line; that is no line"
                " of an export. Nothing was read beyond it.",
            ),
        ),
        "undecodable-bytes": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The line has {seen} characters that mean nothing in this encoding. Check the"
                " encoding of the file.",
            ),
        ),
        "nul-characters": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The line has {seen} NUL characters; they were read as blanks."
            ),
        ),
        # a line
        "unknown-record": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The line begins with {seen}, which is no record of this layout."
            ),
        ),
        "line-too-long": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The line has {seen} characters; a {record} record has {expected}. Its fields"
                " cannot be located safely.",
            ),
        ),
        "orphan-line": (
            error,
            QT_TRANSLATE_NOOP("findings", "A {record} record with no voucher above it."),
        ),
        "not-an-amount": (
            error,
            QT_TRANSLATE_NOOP("findings", "{field}: {seen} is not an amount."),
        ),
        "not-a-date": (
            error,
            QT_TRANSLATE_NOOP("findings", "{field}: {seen} is not a date; expected {expected}."),
        ),
        "too-many-cells": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The row has {seen} cells, the heading {expected}: a cell holds the delimiter"
                " without quotes, so that none can be placed. Export it again with another"
                " delimiter, or as Excel.",
            ),
        ),
        "vouchers-do-not-balance": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The table names vouchers and accounts, but most of its vouchers do not balance in"
                " it: its lines are read one by one. They can be reconciled, not sent.",
            ),
        ),
        "sides-swapped": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The running balance fits only if debits and credits change places: this is not a"
                " statement of the bank it was taken for. Choose the report by hand.",
            ),
        ),
        "row-truncated": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The last row, in line {line}, has {seen} of {expected} columns and no end of line:"
                " the file is cut. Nothing of it will be sent; export it again.",
            ),
        ),
        "date-without-year": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The date {seen} has no year and the file names none. Enter the period (yyyy-mm)"
                " and read it again.",
            ),
        ),
        "closing-differs": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The statement opens with {opening}; with its movements it would close with"
                " {expected}, but it closes with {seen}. A movement is missing or was read wrong.",
            ),
        ),
        "balance-differs": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The report states a balance of {seen}; by its running balance it is {expected}. A"
                " movement is missing or was read wrong.",
            ),
        ),
        "balance-chain": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{count} of {total} running balances do not follow from the movement; the first"
                " says {seen} where {expected} results. A movement is missing or stands on the"
                " wrong side.",
            ),
        ),
        "bad-movement-type": (
            error,
            QT_TRANSLATE_NOOP("findings", "The movement type is {seen}; expected {expected}."),
        ),
        "rounded-amount": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The amount {seen} has more than two decimals; it was read as {expected}.",
            ),
        ),
        "amount-elsewhere": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The row has no amount in the columns that are read, but {seen} stands under"
                " “{field}”. Say what that column is with the layout editor.",
            ),
        ),
        "currencies-differ": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The amount is in {seen}, the row in {expected}. Correct one of them in the file.",
            ),
        ),
        "doubtful-amount": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} was read as {expected}; it may be thousands written the other way. Compare"
                " it with the document.",
            ),
        ),
        "ambiguous-dates": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The dates read two ways and nothing in the table decides: {seen} was read as"
                " {expected} and may be {other}. Choose the order of the dates if that is wrong.",
            ),
        ),
        "sides-undecided": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Nothing in the table says whose books “{seen}” are; it was read as the company's:"
                " debit is money in. If a bank wrote it, choose that debit and credit are as the"
                " bank has them.",
            ),
        ),
        "sides-learnt": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "What the words of “{seen}” mean was learnt from the balance: {inward} come in,"
                " {outward} go out. Check one of each.",
            ),
        ),
        "sides-by-balance": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "“{seen}” is written as the bank sees it: its balances or texts say so. It was"
                " turned to the company's books, where money in is a debit.",
            ),
        ),
        "no-date-column": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "No column is a date. The headings are: {seen}. Say which column holds the date"
                " with the layout editor.",
            ),
        ),
        "cancelled-document": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "The document {seen} is cancelled; it is kept and counts nowhere."
            ),
        ),
        "date-implausible": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The date {seen} lies far from today. Check its century, and whether a spreadsheet"
                " has made it of another text.",
            ),
        ),
        "side-not-read": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "“{seen}” holds amounts too; only “{expected}” was read. Say what both columns are"
                " with the layout editor if both count.",
            ),
        ),
        "unknown-document-kind": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "What kind of document “{seen}” is, is not known here; it was read like an invoice."
                " Check whether it adds or takes away.",
            ),
        ),
        "payroll-adjustment": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} adjusts a pay slip: it replaces or voids another, and the listing does not"
                " say which. It was not counted; import its XML.",
            ),
        ),
        "nature-unknown": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Balances are printed here in each account's own nature, and nothing says which"
                " that of {what} is: it was read as a debit. Check its sign.",
            ),
        ),
        "signs-by-side": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "All amounts of one side of “{seen}” are negative; the sign was taken to repeat the"
                " side, not to reverse it. Compare one with its document.",
            ),
        ),
        "ambiguous-numbers": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Numbers such as {seen} can be read two ways; they were read as {expected}. Check"
                " the totals.",
            ),
        ),
        "unterminated": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "The last line has no end of line. Check that the file is complete."
            ),
        ),
        "voucher-not-closed": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Voucher {voucher} has no closing row (Total póliza): the report may be cut.",
            ),
        ),
        "account-missing": (
            error,
            QT_TRANSLATE_NOOP("findings", "The movement has no account code."),
        ),
        "damaged-code": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{field}: {seen} is a code the spreadsheet stored as a number and damaged: digits"
                " are lost. Export it again with that column as text.",
            ),
        ),
        "amount-both-sides": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The movement carries a debit ({debit}) and a credit ({credit})."
            ),
        ),
        # a voucher
        "voucher-unbalanced": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Voucher {voucher} does not balance: debits {debit}, credits {credit}, difference"
                " {difference}.",
            ),
        ),
        "voucher-empty": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Voucher {voucher} has no movements (cancelled?); there is nothing to send.",
            ),
        ),
        "folio-duplicated": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Voucher {voucher} appears twice in {period}; the first is in line {first}.",
            ),
        ),
        "folio-missing": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The voucher has no number; without it, it could be sent twice."
            ),
        ),
        "bad-line-inside": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Voucher {voucher} has a line that could not be read (line {first}); the whole"
                " voucher waits.",
            ),
        ),
        "date-outside-period": (
            error,
            QT_TRANSLATE_NOOP("findings", "The date {seen} is outside the period {expected}."),
        ),
        "application-date": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The movement applies on {seen}, in another month than its voucher ({expected}).",
            ),
        ),
        "not-posted": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "Voucher {voucher} is not posted in the source system (sin afectar)."
            ),
        ),
        "negative-amount": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "The amount is negative ({seen}); it stays on its side with its sign."
            ),
        ),
        "rfc-form": (
            warning,
            QT_TRANSLATE_NOOP("findings", "{seen} does not have the form of an RFC."),
        ),
        "rfc-check-digit": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The check digit of the RFC {seen} is not right; expected {expected}."
            ),
        ),
        "nit-check-digit": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The check digit of the NIT {seen} is not right; expected {expected}."
            ),
        ),
        "cufe-form": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "{seen} does not have the form of a CUFE (96 hexadecimal digits)."
            ),
        ),
        "batch-archived": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The lines of this file are in the archive {archive}. Import the original from"
                " there into a data home of its own.",
            ),
        ),
        "pull-does-not-cover": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "No pull of {name} covers {start} … {end}. Read the target's books for those dates"
                " first.",
            ),
        ),
        "unknown-file": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "No known report looks like this file. Choose a report by hand, or say what its"
                " columns are with the layout editor (cuadre profile new).",
            ),
        ),
        "no-vouchers": (
            note,
            QT_TRANSLATE_NOOP(
                "findings",
                "The table has no voucher column (póliza, comprobante): its lines can be"
                " reconciled, not sent.",
            ),
        ),
        "no-heading": (
            error,
            QT_TRANSLATE_NOOP("findings", "No heading row names the columns of {seen}."),
        ),
        "xml-entities": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The XML declares entities (line {line}); such files are not opened."
            ),
        ),
        "no-inner-document": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "The AttachedDocument carries no invoice or note inside."
            ),
        ),
        "document-claimed": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings", "Document {seen} was claimed (031): its payment should wait."
            ),
        ),
        "foreign-document": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document"
                " is somebody else's and is not sent.",
            ),
        ),
        "own-document": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "Both parties, {issuer} and {receiver}, are the company: say in whose books it"
                " stands.",
            ),
        ),
        "rate-missing": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The document is in {currency} and its exchange rate is {seen}. Without the rate of"
                " the paper a target takes its own.",
            ),
        ),
        "test-document": (
            error,
            QT_TRANSLATE_NOOP(
                "findings", "The document comes from the authority's test environment."
            ),
        ),
        "repeated-document": (
            note,
            QT_TRANSLATE_NOOP(
                "findings", "Document {document} was read from {other} already; it counts once."
            ),
        ),
        "document-differs": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "Document {document} stands in {other} with other content. Find out which is the"
                " legal one; the first was read.",
            ),
        ),
        "layout-proposed": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "No layout knows this table. It was read as it seems: date “{date}”, debit"
                " “{debit}”, credit “{credit}”. If that is not so, say what its columns are with"
                " the layout editor (cuadre profile new); imported like this, it is remembered.",
            ),
        ),
        "layout-proposed-amount": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "No layout knows this table. It was read as it seems: date “{date}”, amount with"
                " its sign “{amount}”. If that is not so, say what its columns are with the layout"
                " editor (cuadre profile new); imported like this, it is remembered.",
            ),
        ),
        "document-replaces": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} replaces {other}: only one of them counts. Check that {other} is not in the"
                " books too.",
            ),
        ),
        "document-voids": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} voids {other}: it moves nothing itself. Take {other} out of the books if it"
                " is there.",
            ),
        ),
        "yearly-sums": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "“{seen}” holds sums of a year by third party, no movements. There is nothing in it"
                " to journal or to send.",
            ),
        ),
        "investment-not-read": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "{seen} is a movement of an investment account, which a QIF does not say the sides"
                " of. It was not read; export the cash account.",
            ),
        ),
        "trailer-missing": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The file ends without its closing record {seen}: it is cut. Download it again.",
            ),
        ),
        "signs-by-kind": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "No amount of the statement has a sign; which way the money went was taken from the"
                " kind of each transaction. Check one of each.",
            ),
        ),
        "sign-against-kind": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The transaction is a {kind}, but its amount {seen} has the other sign. Check which"
                " way the money went.",
            ),
        ),
        "transaction-corrects": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "This transaction corrects {other} ({seen}). Check that only what is right counts.",
            ),
        ),
        "statement-missing": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "A statement opens with {seen}, but the one before it closes with {expected}: one"
                " between them is missing.",
            ),
        ),
        "statement-corrects": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The bank says that this corrects what it sent before. Check that what it replaces"
                " is not counted too.",
            ),
        ),
        "statement-intraday": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "This is what the bank knew during the day; the statement of the day repeats it."
                " Do not count both.",
            ),
        ),
        "pending-entry": (
            note,
            QT_TRANSLATE_NOOP("findings", "The bank calls this entry pending; it was not used."),
        ),
        "zip-several": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The zip holds {seen} files ({names}). Extract it and import them one by one.",
            ),
        ),
        "zip-empty": (error, QT_TRANSLATE_NOOP("findings", "The zip holds no file.")),
        "sheet-too-sparse": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "A sheet reaches to row {row} and column {columns} with only {cells} cells filled."
                " In Excel, delete the empty rows and columns beyond the data and save the workbook"
                " again.",
            ),
        ),
        "zip-too-large": (
            error,
            QT_TRANSLATE_NOOP(
                "findings",
                "The zip would unpack to {seen} bytes; that is no export. Nothing was unpacked.",
            ),
        ),
        "uuid-form": (
            warning,
            QT_TRANSLATE_NOOP("findings", "{seen} does not have the form of a CFDI UUID."),
        ),
        # the file's own totals
        "total-mismatch": (
            warning,
            QT_TRANSLATE_NOOP(
                "findings",
                "The printed total of {what} is {seen}; its movements add up to {expected}.",
            ),
        ),
        "count-mismatch": (
            warning,
            QT_TRANSLATE_NOOP("findings", "The report says {seen} {what}; {expected} were read."),
        ),
    }


RULES: Mapping[str, tuple[Severity, str]] = _texts()

LEFT_OUT = frozenset(
    {
        "no-effect",
        "not-counted",
        "payroll-adjustment",
        "pending-entry",
        "sheet-not-read",
        "sheet-repeats",
        "cancelled-document",
    }
)
"""Findings about what is journaled and counts nowhere."""
