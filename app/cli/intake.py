"""``cuadre inspect`` and ``cuadre import``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from glob import glob
from itertools import chain
from pathlib import Path

from app import telling
from app.cli.home import open_home
from app.cli.output import ProgressLine, Stop, answer, table
from app.cli.structure import columns_json, structure_json, structure_lines
from app.company import settings
from app.intake import importing
from app.journal import Journal, documents
from app.journal.batches import BeingRead
from app.journal.listings import batch_findings
from app.sending import questions
from app.translation import QT_TRANSLATE_NOOP, render, translate
from importers import Options
from importers.archives import Export, exports_in
from importers.document_months import Gathered, gathered
from importers.reading import Inspection, inspect_export
from importers.wording import Message

SHOWN_FINDINGS = 30
DOCUMENTS = QT_TRANSLATE_NOOP("cli", "%n document(s)")


def inspect(chosen: argparse.Namespace) -> int:
    options, profiles = options_of(chosen), settings.profiles(settings.home_folder(chosen.home))
    exports = exports_of(*chosen.files)
    inspected = [inspect_export(export, options, profiles) for export in exports]
    if len(exports) == 1:
        answer(chosen.json, inspection_json(inspected[0]), inspection_lines(inspected[0]))
    else:
        value = {
            "files": [
                {"origin": e.origin, **inspection_json(i)}
                for e, i in zip(exports, inspected, strict=True)
            ]
        }
        answer(chosen.json, value, _inspected_table(inspected))
    return 0 if all(found.readable for found in inspected) else 2


def import_(chosen: argparse.Namespace) -> int:
    exports, left_out = _gathered(chosen.files)
    journal = open_home(chosen)
    options = options_of(chosen)
    if options.own_tax_ids:
        known = settings.own_tax_ids(journal)
        settings.keep_own_tax_ids(journal, [*known, *options.own_tax_ids])
    results = [(export, _import_one(journal, export, chosen, options)) for export in exports]
    asked = _asked(journal, [result.batch for _, result in results])
    beside = {**_left_out_json(left_out), "repeated_folios": asked}
    after = [*_left_out_lines(left_out), *_asked_lines(asked)]
    if len(results) == 1:
        value = intake_json(results[0][1]) | beside
        lines = intake_lines(journal, exports[0].name, results[0][1])
        answer(chosen.json, value, chain(lines, after))
    else:
        value = {
            "files": [
                {"origin": export.origin, **intake_json(result)} for export, result in results
            ]
        } | beside
        answer(chosen.json, value, _imported_lines(journal, results, after))
    if any(result.state != "complete" for _, result in results):
        return 2
    wrong = any(result.documents["blocked"] or result.findings["error"] for _, result in results)
    return 1 if wrong or asked else 0


def _asked(journal: Journal, batches: Sequence[int]) -> list[str]:
    """Folios of these files that others bring with different content."""
    asked = set(questions.standing(journal).folios)
    if not asked:
        return []
    brought: set[str] = set()
    for batch in batches:
        brought.update(row.external_ref for row in documents.every(journal, batch=batch))
    return sorted(asked & brought)


def _asked_lines(asked: Sequence[str]) -> Iterator[str]:
    if asked:
        text = translate(
            "cli",
            "▲ {count} came in another file with different content ({documents}). Nothing of them"
            " is sent until you say which file counts (cuadre approve FILE --what folios), or"
            " import one of them with --source.",
        )
        shown = ", ".join(asked[:5]) + (", …" if len(asked) > 5 else "")
        yield text.format(count=translate("cli", DOCUMENTS, len(asked)), documents=shown)


def _import_one(
    journal: Journal, export: Export, chosen: argparse.Namespace, options: Options
) -> importing.Intake:
    progress = ProgressLine(export.name)
    try:
        return importing.import_export(
            journal, export, chosen.company, options, progress, chosen.reason
        )
    except settings.OtherCompany as other:
        text = translate(
            "cli",
            "This data home belongs to company {code}; use another --home for another company.",
        )
        raise Stop(text.format(code=other)) from None
    except BeingRead as reading:
        raise Stop(telling.tell(reading)) from None
    finally:
        progress.close()


def exports_of(*names: str) -> list[Export]:
    """The files that paths and patterns stand for. Raises Stop where there is none."""
    paths = _matching(names)
    return [export for name in paths for export in _some(name, exports_in(_there(name)))]


def _gathered(names: Sequence[str]) -> Gathered:
    """The same with the documents of a month as one. Raises Stop where there is no file."""
    found = [(name, gathered(_there(name))) for name in _matching(names)]
    return Gathered(
        [export for name, one in found for export in _some(name, one.exports)],
        [left for _, one in found for left in one.left_out],
    )


def _matching(names: Sequence[str]) -> list[str]:
    """Paths, with those a pattern stands for in its place: the command line of Windows leaves that
    to the program. A file whose name looks like a pattern is that file.
    """
    found: list[str] = []
    for name in names:
        is_pattern = set(name) & set("*?") and not Path(name).exists()
        matches = sorted(glob(name.replace("[", "[[]"))) if is_pattern else [name]  # noqa: PTH207  of any folder
        if not matches:
            raise Stop(translate("cli", "There is no file in {path}.").format(path=name))
        found += matches
    return found


def _there(name: str) -> Path:
    path = Path(name)
    return path if path.is_dir() else existing(name)


def _some(name: str, exports: list[Export]) -> list[Export]:
    if not exports:
        raise Stop(translate("cli", "There is no file in {path}.").format(path=name))
    return exports


def _inspected_table(inspected: list[Inspection]) -> Iterator[str]:
    """One row a file; the findings of each are asked for one by one."""
    heading = (
        translate("cli", "File"),
        translate("cli", "Report"),
        translate("cli", "Lines"),
        translate("cli", "Vouchers"),
        translate("cli", "Movements"),
        translate("cli", "Findings"),
    )
    rows = [
        (
            found.file,
            found.profile_title or translate("cli", "not recognised"),
            f"{found.dispositions.total():,}",
            f"{found.vouchers:,}",
            f"{found.movements:,}",
            f"{len(found.findings):,}",
        )
        for found in inspected
    ]
    yield from table([heading, *rows], right=(2, 3, 4, 5))


def _imported_lines(
    journal: Journal, results: list[tuple[Export, importing.Intake]], after: Sequence[str]
) -> Iterator[str]:
    """A row a file and what is to be said of all, then what is wrong in those that have anything
    wrong.
    """
    yield from _imported_table(results)
    yield from after
    for export, result in results:
        if not result.repeated and (result.findings["error"] or result.known):
            yield export.name
            yield from _journaled_findings(journal, result.batch)


def _left_out_json(left_out: list[Export]) -> dict[str, object]:
    return {"left_out": [export.origin for export in left_out]}


def _left_out_lines(left_out: list[Export]) -> Iterator[str]:
    """What holds nothing to read and accompanies no document."""
    if left_out:
        text = translate("cli", "Not imported, nothing to read in them: {names}")
        yield text.format(names=", ".join(export.name for export in left_out))


def _imported_table(results: list[tuple[Export, importing.Intake]]) -> Iterator[str]:
    heading = (
        translate("cli", "File"),
        translate("cli", "Batch"),
        translate("cli", "State"),
        translate("cli", "Lines"),
        translate("cli", "Records"),
        translate("cli", "Ready"),
        translate("cli", "Blocked"),
        translate("cli", "Errors"),
    )
    rows = [
        (
            export.name,
            result.batch,
            _states()[result.state] if not result.repeated else translate("cli", "imported before"),
            f"{result.lines['total']:,}",
            f"{result.lines['record']:,}",
            f"{result.documents['ready']:,}",
            f"{result.documents['blocked']:,}",
            f"{result.findings['error']:,}",
        )
        for export, result in results
    ]
    yield from table([heading, *rows], right=(1, 3, 4, 5, 6, 7))


def _states() -> dict[str, str]:
    return {
        "complete": translate("cli", "complete"),
        "incomplete": translate("cli", "INCOMPLETE"),
        "failed": translate("cli", "NOT READ"),
    }


def _certainties() -> dict[str, str]:
    return {
        "real-file": translate("cli", "a real file"),
        "vendor-document": translate("cli", "the vendor's document or the standard"),
        "public-code": translate("cli", "public programs that write or read it"),
        "inferred": translate("cli", "what is likely; have a look at what is read"),
    }


def inspection_json(found: Inspection) -> dict[str, object]:
    """The stable answer of ``inspect --json``."""
    counts = {name: found.dispositions[name] for name in ("record", "heading", "rejected")}
    return {
        "file": found.file,
        "container": found.container,
        "encoding": found.encoding or None,
        "encoding_confidence": found.encoding_confidence,
        "encoding_evidence": [render(line, "evidence") for line in found.encoding_evidence],
        "dialect": {"delimiter": found.delimiter or None, "quotechar": found.quotechar or None},
        "header_line": found.header_line,
        "profile": found.profile or None,
        "profile_title": found.profile_title,
        "profile_score": found.profile_score,
        "profile_certainty": found.certainty or None,
        "runner_up": {"profile": found.runner_up or None, "score": found.runner_up_score},
        "title": {
            "company": found.title.company,
            "tax_id": found.title.tax_id,
            "currency": found.title.currency,
            "start": found.title.start,
            "end": found.title.end,
        },
        "rows": {"total": sum(counts.values()), **counts},
        "vouchers": found.vouchers,
        "movements": found.movements,
        "debit": str(found.debit),
        "credit": str(found.credit),
        "readable": found.readable,
        "unused_headings": found.unused_headings,
        "structure": structure_json(found.structure),
        "columns": columns_json(found.columns),
        "findings": [
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "line": finding.line,
                "column": finding.column,
                "message": render(finding.message, "findings"),
            }
            for finding in found.findings
        ],
    }


def intake_json(result: importing.Intake) -> dict[str, object]:
    """The stable answer of ``import --json``."""
    return {
        "batch": result.batch,
        "state": result.state,
        "repeated": result.repeated,
        "lines": result.lines,
        "documents": result.documents,
        "findings": result.findings,
        "known": result.known,
    }


def finding_lines(findings: list[tuple[str, int, int, str]]) -> Iterator[str]:
    """Findings (severity, line, column, text), grouped when there are many of one kind."""
    severities = {
        "error": translate("cli", "ERROR"),
        "warning": translate("cli", "warning"),
        "note": translate("cli", "note"),
    }
    for severity, line, column, text in findings[:SHOWN_FINDINGS]:
        place = translate("cli", "line {line}").format(line=line) if line else ""
        if line and column:
            place += ":" + str(column)
        yield "  " + " · ".join(part for part in (severities[severity], place, text) if part)
    rest = Counter(severity for severity, *_ in findings[SHOWN_FINDINGS:])
    for severity, count in rest.items():
        yield "  " + translate("cli", "… and {count} more: {kind}").format(
            count=count, kind=severities[severity]
        )


def intake_lines(journal: Journal, name: str, result: importing.Intake) -> Iterator[str]:
    if result.repeated:
        text = translate(
            "cli",
            "{file}: the same bytes were imported before, as batch {batch}. Nothing was doubled.",
        )
        yield text.format(file=name, batch=result.batch)
    else:
        text = translate("cli", "{file}: batch {batch}, {state}")
        yield text.format(
            file=name, batch=result.batch, state=_states().get(result.state, result.state)
        )
    text = translate(
        "cli", "Lines {total} = records {record} + headings {heading} + rejected {rejected}"
    )
    yield text.format(**result.lines)
    yield translate("cli", "Vouchers ready {ready}, blocked {blocked}").format(**result.documents)
    yield from _journaled_findings(journal, result.batch)


def _journaled_findings(journal: Journal, batch: int) -> Iterator[str]:
    """The findings of a batch, the errors first."""
    found = batch_findings(journal, batch)
    shown = [(row.severity, row.line, row.column, text) for row, text in found]
    order = {"error": 0, "warning": 1, "note": 2}
    yield from finding_lines(sorted(shown, key=lambda item: (order[item[0]], item[1])))


def _layout_rows(found: Inspection) -> Iterator[tuple[str, object]]:
    """Which report it is, how sure that is, and on what the layout stands."""
    profile = f"{found.profile_title or '–'}  [{found.profile or '?'}]"
    if not found.is_proposed:
        profile += f"  {found.profile_score:.0%}"
    yield translate("cli", "Report"), profile
    if found.certainty:
        yield translate("cli", "The layout stands on"), _certainties()[found.certainty]
    if found.runner_up:
        yield translate("cli", "Runner-up"), f"{found.runner_up}  {found.runner_up_score:.0%}"


def inspection_lines(found: Inspection) -> Iterator[str]:
    rows: list[tuple[str, object]] = [
        (translate("cli", "File"), found.file),
        (translate("cli", "Container"), found.container),
    ]
    if found.encoding:
        sure = f"{found.encoding}  ({found.encoding_confidence:.0%})"
        rows.append((translate("cli", "Encoding"), sure))
    if found.delimiter:
        rows.append((translate("cli", "Delimiter"), repr(found.delimiter)))
    rows.append((translate("cli", "Heading in line"), found.header_line or "–"))
    rows += _layout_rows(found)
    if found.title.company:
        rows.append(
            (translate("cli", "Company"), f"{found.title.company}  {found.title.tax_id}".strip())
        )
    if found.title.start:
        rows.append((translate("cli", "Period"), f"{found.title.start} … {found.title.end}"))
    counts = found.dispositions
    text = translate("cli", "{total} = records {record} + headings {heading} + rejected {rejected}")
    names = ("record", "heading", "rejected")
    rows.append(
        (
            translate("cli", "Lines"),
            text.format(total=counts.total(), **{n: counts[n] for n in names}),
        )
    )
    rows.append((translate("cli", "Vouchers"), f"{found.vouchers:,}"))
    rows.append((translate("cli", "Movements"), f"{found.movements:,}"))
    rows.append((translate("cli", "Debits / credits"), f"{found.debit:,.2f} / {found.credit:,.2f}"))
    if found.unused_headings:
        rows.append((translate("cli", "Headings not used"), ", ".join(found.unused_headings)))
    yield from table(rows)
    for line in found.encoding_evidence:
        yield "  · " + _evidence(line)
    if found.structure:
        yield from structure_lines(found.structure)
    yield from finding_lines(
        [
            (f.severity.value, f.line, f.column, render(f.message, "findings"))
            for f in found.findings
        ]
    )


def _evidence(line: Message) -> str:
    return render(line, "evidence")


def options_of(chosen: argparse.Namespace, own_tax_ids: Sequence[str] = ()) -> Options:
    """What was said about how to read a file; the company's own tax ids where none were said."""
    if chosen.period:
        from importers.validation import Rules

        try:
            Rules.for_period(chosen.period)
        except ValueError:
            raise Stop(
                translate("cli", "{value} is not a month; write it as 2026-01.").format(
                    value=chosen.period
                )
            ) from None
    return Options(
        encoding=chosen.encoding,
        profile=chosen.profile,
        period=chosen.period,
        decimal=chosen.decimal,
        dates=chosen.dates,
        sides=chosen.sides,
        source=chosen.source.strip(),
        own_tax_ids=tuple(chosen.own_tax_id or own_tax_ids),
    )


def existing(name: str) -> Path:
    path = Path(name)
    if path.is_dir():
        raise Stop(translate("cli", "{path} is a folder; give one file.").format(path=path))
    if not path.is_file():
        raise Stop(translate("cli", "There is no file {path}.").format(path=path))
    return path
