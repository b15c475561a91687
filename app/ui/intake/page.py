"""Importar: a file dropped, seen as text with its evidence and findings, corrected where it can be,
then journaled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
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
from app.intake.finding_sheets import write_findings
from app.intake.importing import Cancelled, Intake
from app.intake.preview import Preview, preview
from app.journal import events
from app.system_words import system_words
from app.translation import render
from app.ui.icons import put
from app.ui.intake.corrections import Corrections
from app.ui.intake.file_lines import FileLines
from app.ui.intake.findings import Findings
from app.ui.intake.layout_editor import LayoutEditor
from app.ui.intake.preview_words import facts, layout_evidence
from app.ui.plain import plain
from app.ui.sending.document_dialogs import ask_reason
from app.ui.session import Session
from app.ui.tasks import Progress
from app.ui.widgets import DropArea, Hint, TaskBar, primary, row
from importers import Options, Source, Unreadable
from importers.archives import Export
from importers.document_months import Gathered, gathered

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
        self.lines = FileLines()
        self.findings = Findings()
        for button, name in (
            (self.choose, "file-import"),
            (self.choose_folder, "folder-open"),
            (self.import_button, "download"),
            (self.layout_button, "table"),
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
        self.findings.export_button.clicked.connect(self._export)
        self.layout_button.clicked.connect(self._edit_layout)
        self.findings.line_chosen.connect(self.lines.go_to_line)

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
        split.addWidget(self.findings)
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
        self.findings.show_findings(found.findings)
        evidence = [
            layout_evidence(found),
            *(render(line, "evidence") for line in found.encoding_evidence),
            self._left_out_text(),
        ]
        self.evidence.setPlainText("\n".join(filter(None, evidence)))
        self.evidence.setVisible(any(evidence))
        self.facts.setText(facts(found))
        self.import_button.setEnabled(self._has_something)
        is_table = found.container in _TABLES or found.is_proposed
        self.layout_button.setEnabled(is_table or not found.readable)

    @property
    def _has_something(self) -> bool:
        """Whether there is a line to journal: of a picture there is none."""
        found = self._preview.inspection if self._preview else None
        return found is not None and (found.readable or bool(found.dispositions.total()))

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
        self.findings.show_findings([])
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
                plain(f"{error.filename}\n{system_words(error)}"),
            )
            return True
        return False
