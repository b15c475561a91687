"""Importar: a file dropped, seen as text with its evidence and findings, corrected where it can be,
then journaled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.company import settings
from app.intake import importing
from app.intake.finding_sheets import by_rule, severity_text, write_findings
from app.intake.importing import Cancelled, Intake
from app.intake.preview import Preview, preview
from app.journal import events
from app.structure_words import COLUMN_TEXTS
from app.translation import render, translate
from app.ui.icons import put
from app.ui.intake.corrections import Corrections
from app.ui.intake.file_lines import FileLines
from app.ui.intake.layout_editor import LayoutEditor
from app.ui.plain import Label, plain
from app.ui.sending.document_dialogs import ask_reason
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.tasks import Progress
from app.ui.theme import colours
from app.ui.widgets import DropArea, Hint, TaskBar, primary, row
from importers import Finding, Options, Source, Unreadable
from importers.archives import Export
from importers.document_months import Gathered, gathered
from importers.reading import Inspection
from importers.structure import LineRole

_TABLES = ("text", "xlsx", "xls", "html", "sylk", "spreadsheetml", "dbf")
"""Containers whose layout a person can say."""


class IntakePage(QWidget):
    """``opened`` carries the files and folders a person chose."""

    opened = Signal(list)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._preview: Preview | None = None
        self._exports: list[Export] = []
        self._left_out: list[Export] = []
        self._asked = 0
        self.folder = ""
        self._own: tuple[str, ...] = ()
        """The company's own tax ids when a file of the journal was imported."""
        self.files = QComboBox()
        self.files.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.files.setMinimumContentsLength(24)
        self.files.setAccessibleName(self.tr("Files found"))
        self.all_button = QPushButton(self.tr("Import all"))
        for widget in (self.files, self.all_button):
            widget.hide()
        self.drop = DropArea(self.tr("Drop exported files or folders here, or choose them"))
        self.choose = QPushButton(self.tr("Choose files…"))
        self.choose_folder = QPushButton(self.tr("Choose folder…"))
        self.corrections = Corrections(settings.profiles(session.home).values())
        self._show_company()
        self.layout_button = QPushButton(self.tr("Layout…"))
        self.layout_button.setToolTip(self.tr("Say yourself what the columns of this table are"))
        self.layout_button.setEnabled(False)
        self.import_button = primary(QPushButton(self.tr("Import into the journal")))
        self.import_button.setEnabled(False)
        self.facts = Hint(self.tr("Nothing is written until you press Import."))
        self.evidence = QPlainTextEdit()
        self.evidence.setReadOnly(True)
        self.evidence.setMaximumHeight(86)
        self.evidence.setAccessibleName(self.tr("Evidence for report and encoding"))
        self.bar = TaskBar()
        self._findings = self._findings_model()
        self.lines = FileLines()
        self.findings = Table(self._findings, self.tr("Findings"), sortable=True)
        self.rule = QComboBox()
        self.rule.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.export_button = QPushButton(self.tr("Export findings…"))
        self.export_button.setEnabled(False)
        for button, name in (
            (self.choose, "file-import"),
            (self.choose_folder, "folder-open"),
            (self.import_button, "download"),
            (self.layout_button, "table"),
            (self.export_button, "upload"),
        ):
            put(button, name)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.drop.dropped.connect(self.open_paths)
        self.choose.clicked.connect(self._choose)
        self.choose_folder.clicked.connect(self._choose_folder)
        self.corrections.changed.connect(self._read_again)
        self.corrections.refused.connect(self._not_a_month)
        self.corrections.own_said.connect(self._keep_own_tax_ids)
        self.corrections.currency_said.connect(self._keep_currency)
        self.files.currentIndexChanged.connect(lambda _: self._show_export())
        self.all_button.clicked.connect(self._import_all)
        self.import_button.clicked.connect(self._import)
        self.rule.currentIndexChanged.connect(self._filter_findings)
        self.export_button.clicked.connect(self._export)
        self.layout_button.clicked.connect(self._edit_layout)
        self.findings.selectionModel().selectionChanged.connect(self._jump)

    def open(self, path: Path) -> None:
        """Show a file, or the first of a folder's or zip's files; nothing is written yet."""
        self.open_all([path])

    def open_paths(self, paths: Sequence[str]) -> None:
        self.open_all([Path(path) for path in paths])

    def show_journaled(self, export: Export, options: Options) -> None:
        """Show a file of the journal again, read as it was imported."""
        self._asked += 1
        self._left_out = []
        self._show_exports([export], options)

    def open_all(self, paths: Sequence[Path]) -> None:
        """Show the first of several files, folders or zips; nothing is written yet."""
        if not paths:
            return
        self.opened.emit(list(paths))
        self._asked += 1
        asked = self._asked
        self.import_button.setEnabled(False)
        self._preview = None

        def found(results: list[Gathered]) -> None:
            if asked == self._asked:
                self._left_out = [one for result in results for one in result.left_out]
                self._show_exports([one for result in results for one in result.exports])

        self._session.tasks.run(
            lambda _: [gathered(path) for path in paths],
            found,
            failed=lambda error: asked != self._asked or self._not_read(error),
        )

    def _show_exports(self, exports: list[Export], options: Options | None = None) -> None:
        self._exports = exports
        self.files.blockSignals(True)
        self.files.clear()
        for number, export in enumerate(exports, 1):
            self.files.addItem(f"{number}/{len(exports)}  {export.name}")
        self.files.blockSignals(False)
        for widget in (self.files, self.all_button):
            widget.setVisible(len(exports) > 1)
        self.all_button.setText(self.tr("Import all ({count})").format(count=len(exports)))
        if exports:
            self._show_export(options)
        else:
            self.facts.setText("▲ " + self.tr("There is no file in it."))

    def _show_export(self, options: Options | None = None) -> None:
        self.corrections.reset(options)
        self._own = options.own_tax_ids if options else ()
        self._read()

    @property
    def _export_shown(self) -> Export | None:
        place = self.files.currentIndex()
        return self._exports[place] if 0 <= place < len(self._exports) else None

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.lines)
        lower = QWidget()
        inner = QVBoxLayout(lower)
        inner.setContentsMargins(0, 4, 0, 0)
        shown = Label(self.tr("Findings:"))
        shown.setBuddy(self.rule)
        line = row(shown, self.rule, self.export_button)
        line.setStretch(1, 1)
        inner.addLayout(line)
        inner.addWidget(self.findings)
        split.addWidget(lower)
        split.setSizes([420, 200])
        box = QVBoxLayout(self)
        box.addLayout(row(self.drop, self.choose, self.choose_folder))
        box.addLayout(row(self.facts, self.files, self.all_button, self.import_button))
        box.addLayout(row(self.corrections, self.layout_button, 1))
        box.addWidget(self.evidence)
        box.addWidget(split, 1)
        box.addWidget(self.bar)

    def _choose(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Choose exported files"),
            self.folder,
            self.tr("Exports (*.txt *.csv *.xlsx *.xls *.xml *.zip *.ofx *.sta);;All files (*)"),
        )
        self.open_all([Path(name) for name in names])

    def _choose_folder(self) -> None:
        title = self.tr("Choose a folder of exported files")
        name = QFileDialog.getExistingDirectory(self, title, self.folder)
        if name:
            self.open(Path(name))

    def _not_a_month(self, text: str) -> None:
        self.facts.setText(
            "▲ " + self.tr("{value} is not a month; write it as 2026-01.").format(value=text)
        )

    def _show_company(self) -> None:
        self.corrections.show_own_tax_ids(settings.own_tax_ids(self._session.journal))
        self.corrections.show_currency(settings.currency(self._session.journal))

    def _keep_own_tax_ids(self, tax_ids: list[str]) -> None:
        """The company's own, for this file and every one after it."""
        journal = self._session.journal
        self._keep(lambda _: settings.keep_own_tax_ids(journal, tax_ids))

    def _keep_currency(self, code: str) -> None:
        journal = self._session.journal
        if code:
            self._keep(lambda _: settings.keep_currency(journal, code))

    def _keep(self, work: Callable[[Progress], None]) -> None:
        def done(_: None) -> None:
            self._show_company()
            if self._export_shown is not None:
                self._read()

        self._session.tasks.run(work, done, writes=True, failed=self._failed)

    def _read_again(self) -> None:
        export, options = self._export_shown, self.corrections.options
        if export is not None:
            journal, subject = self._session.journal, f"file:{export.name}"
            chosen = {
                "encoding": options.encoding,
                "profile": options.profile,
                "decimal": options.decimal,
                "dates": options.dates,
                "sides": options.sides,
                "source": options.source,
                "period": options.period,
            }

            def work(_: Progress) -> None:
                words = {name: value or "detected" for name, value in chosen.items()}
                events.record(journal, "preview.reading", subject, **words)

            self._session.tasks.run(work, lambda _: None, writes=True)
            self._read()

    def _read(self) -> None:
        export, options = self._export_shown, self.corrections.options
        assert export is not None
        profiles, journal = settings.profiles(self._session.home), self._session.journal
        own = self._own
        self.import_button.setEnabled(False)
        self.facts.setText(self.tr("Reading {file}…").format(file=export.name))
        self.layout_button.setEnabled(False)
        self._preview = None
        self._asked += 1
        asked = self._asked

        def show(result: Preview) -> None:
            if asked == self._asked:
                self._show(result)

        def failed(error: BaseException) -> bool:
            return asked != self._asked or self._not_read(error)

        task = self._session.tasks.run(
            lambda progress: preview(
                export,
                options,
                profiles,
                progress,
                own_tax_ids=own or settings.own_tax_ids(journal),
            ),
            show,
            failed=failed,
        )
        self.bar.follow(task)

    def _show(self, result: Preview) -> None:
        self._preview = result
        found = result.inspection
        self.lines.show_lines(result)
        self._show_rules(found.findings)
        self.findings.fit_columns(900)
        evidence = [
            self._layout_evidence(found),
            *(render(line, "evidence") for line in found.encoding_evidence),
            self._left_out_text(),
        ]
        self.evidence.setPlainText("\n".join(filter(None, evidence)))
        self.evidence.setVisible(any(evidence))
        self.facts.setText(self._facts(result))
        self.import_button.setEnabled(self._has_something)
        is_table = found.container in _TABLES or found.is_proposed
        self.layout_button.setEnabled(is_table or not found.readable)

    @property
    def _has_something(self) -> bool:
        """Whether there is a line to journal: of a picture there is none."""
        found = self._preview.inspection if self._preview else None
        return found is not None and (found.readable or bool(found.dispositions.total()))

    def _show_rules(self, findings: list[Finding]) -> None:
        """One entry a rule with its count, so that forty thousand of a kind stay readable."""
        self.rule.blockSignals(True)
        self.rule.clear()
        self.rule.addItem(self.tr("all ({count})").format(count=f"{len(findings):,}"), "")
        for group in by_rule(findings):
            text = render(group.first.message, "findings")
            self.rule.addItem(
                f"{group.count:,} × {severity_text(group.severity)}: {text}", group.code
            )
        self.rule.blockSignals(False)
        self.export_button.setEnabled(bool(findings))
        self._filter_findings()

    def _filter_findings(self) -> None:
        findings = self._preview.inspection.findings if self._preview else []
        code = self.rule.currentData()
        self._findings.set_rows(
            sorted((f for f in findings if not code or f.code == code), key=_by_severity)
        )

    def _export(self) -> None:
        preview_ = self._preview
        assert preview_ is not None
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export findings"), "hallazgos.xlsx", "Excel (*.xlsx)"
        )
        if not name:
            return

        def work(_: Progress) -> int:
            texts = {line.number: line.text for line in preview_.lines}
            return write_findings(Path(name), preview_.inspection.findings, texts)

        def done(count: int) -> None:
            self.facts.setText(
                "✓ " + self.tr("{count} findings written to {path}.").format(count=count, path=name)
            )

        self._session.tasks.run(work, done, failed=self._failed)

    def _facts(self, result: Preview) -> str:
        found = result.inspection
        counts = Counter(finding.severity.value for finding in found.findings)
        parts = [found.file, found.profile_title or self.tr("unknown report")]
        if found.encoding:
            parts.append(f"{found.encoding} ({found.encoding_confidence:.0%})")
        text = self.tr(
            "{total} lines = {record} records + {heading} headings + {rejected} rejected"
        )
        names = ("record", "heading", "rejected")
        numbers = {name: f"{found.dispositions[name]:,}" for name in names}
        parts.append(text.format(total=f"{found.dispositions.total():,}", **numbers))
        parts.append(self.tr("{count} vouchers").format(count=f"{found.vouchers:,}"))
        parts.append(
            self.tr("{errors} errors, {warnings} warnings").format(
                errors=counts["error"], warnings=counts["warning"]
            )
        )
        return "  ·  ".join(parts)

    def _layout_evidence(self, found: Inspection) -> str:
        if not found.profile and found.structure:
            text = self.tr(
                "It is a table of {columns} columns with {data} lines of data. Press “Layout…” and"
                " say what each column is."
            )
            data = found.structure.counts[LineRole.DATA]
            return text.format(columns=len(found.structure.columns), data=f"{data:,}")
        if not found.profile:
            return ""
        if found.is_proposed and found.structure:
            text = self.tr(
                "No layout knows this table; it is read as it seems: {columns}. Press “Layout…” if"
                " that is not so."
            )
            roles = [
                f"{column.title} = {translate('structure', COLUMN_TEXTS[column.role])}"
                for column in found.structure.columns
                if column.role and column.title
            ]
            return text.format(columns=", ".join(roles))
        text = self.tr("Report: {title} fits to {score} %.").format(
            title=found.profile_title, score=f"{found.profile_score:.0%}".rstrip("%")
        )
        if found.runner_up:
            rival = self.tr("The next likeliest, {name}, to {score} %.")
            text += " " + rival.format(
                name=found.runner_up, score=f"{found.runner_up_score:.0%}".rstrip("%")
            )
        return text

    def _edit_layout(self) -> None:
        export = self._export_shown
        assert export is not None
        try:
            source = Source(
                export.name, export.content, Options(encoding=self.corrections.options.encoding)
            )
            editor = LayoutEditor(source, self._session.home / "profiles", self)
        except (Unreadable, OSError):
            self.facts.setText("▲ " + self.tr("There is no table in this file."))
            return
        editor.finished.connect(lambda _: self._layout_saved(editor.saved))
        editor.open()

    def _layout_saved(self, name: str) -> None:
        if name:
            self.corrections.choose_profile(settings.profiles(self._session.home)[name])

    def _import(self) -> None:
        preview_ = self._preview
        assert preview_ is not None
        journal, options, reason = self._session.journal, preview_.options, ""
        if options != Options(profile=options.profile):
            reason = ask_reason(
                self, self.tr("Import"), self.tr("Why is it read otherwise than it was detected?")
            )
            if not reason:
                return
        self.import_button.setEnabled(False)

        def work(progress: Progress) -> Intake:
            return importing.import_export(journal, preview_.export, "", options, progress, reason)

        self.bar.follow(
            self._session.tasks.run(work, self._imported, writes=True, failed=self._failed)
        )

    def _import_all(self) -> None:
        """Every file of the folder or zip, each as a batch of its own and as it is detected."""
        journal, exports = self._session.journal, list(self._exports)
        self.all_button.setEnabled(False)

        def work(progress: Progress) -> list[Intake]:
            done = []
            for number, export in enumerate(exports, 1):
                if not progress(number - 1, len(exports)):
                    break
                done.append(importing.import_export(journal, export))
            return done

        self.bar.follow(
            self._session.tasks.run(work, self._imported_all, writes=True, failed=self._failed)
        )

    def _imported_all(self, results: list[Intake]) -> None:
        self._session.changed.emit()
        self.all_button.setEnabled(True)
        whole = sum(result.state == "complete" for result in results)
        text = self.tr(
            "{whole} of {count} files imported: {ready} vouchers ready, {blocked} blocked."
        )
        ready, blocked = (
            sum(result.documents[name] for result in results) for name in ("ready", "blocked")
        )
        shown = text.format(
            whole=whole, count=len(self._exports), ready=f"{ready:,}", blocked=f"{blocked:,}"
        )
        if self._left_out:
            shown += "  ·  " + self._left_out_text()
        self.facts.setText(("✓ " if whole == len(self._exports) else "▲ ") + shown)

    def _left_out_text(self) -> str:
        names = ", ".join(export.name for export in self._left_out)
        text = self.tr("Not imported, nothing to read in them: {names}")
        return text.format(names=names) if names else ""

    def _imported(self, result: Intake) -> None:
        self._session.changed.emit()
        self.import_button.setEnabled(True)
        if result.repeated:
            text = self.tr(
                "These bytes were imported before, as batch {batch}. Nothing was doubled."
            )
            self.facts.setText(text.format(batch=result.batch))
        elif result.state != "complete":
            text = self.tr(
                "The file could not be read to its end. The attempt is in the journal as batch"
                " {batch}; nothing of it will be sent."
            )
            self.facts.setText("▲ " + text.format(batch=result.batch))
        else:
            text = self.tr("Imported as batch {batch}: {ready} vouchers ready, {blocked} blocked.")
            self.facts.setText("✓ " + text.format(batch=result.batch, **result.documents))

    def _not_read(self, error: BaseException) -> bool:
        self.lines.show_lines(None)
        self._show_rules([])
        self.evidence.hide()
        self.facts.setText("")
        return self._failed(error)

    def _failed(self, error: BaseException) -> bool:
        self.import_button.setEnabled(self._has_something)
        self.all_button.setEnabled(True)
        told = telling.tell(error)
        if told:
            self.facts.setText("▲ " + told)
            return True
        if isinstance(error, Cancelled):
            self.facts.setText(self.tr("Stopped. Nothing of the file was kept."))
            return True
        if isinstance(error, OSError):
            QMessageBox.warning(
                self,
                self.tr("The file cannot be opened"),
                plain(f"{error.filename}\n{error.strerror}"),
            )
            return True
        return False

    def _jump(self) -> None:
        selected = self.findings.selected_rows()
        if selected and selected[0].line:
            self.lines.go_to_line(selected[0].line)

    def _findings_model(self) -> RowsModel:
        return RowsModel(
            [
                Column(self.tr("Severity"), self._severity, order=lambda f: f.severity.value),
                Column(
                    self.tr("Line"),
                    lambda f: f"{f.line:,}" if f.line else "–",
                    right=True,
                    order=lambda f: f.line,
                ),
                Column(self.tr("Finding"), lambda f: render(f.message, "findings")),
            ],
            self,
            background=self._finding_colour,
        )

    def _severity(self, finding: Finding) -> str:
        return {
            "error": "✖ " + self.tr("error"),
            "warning": "▲ " + self.tr("warning"),
            "note": "• " + self.tr("note"),
        }[finding.severity.value]

    def _finding_colour(self, finding: Finding, _: int) -> QColor | None:
        name = finding.severity.value
        return colours(self.palette())[name] if name in ("error", "warning") else None


def _by_severity(finding: Finding) -> tuple[int, int]:
    return {"error": 0, "warning": 1, "note": 2}[finding.severity.value], finding.line
