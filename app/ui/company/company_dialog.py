"""Who keeps these books: name, tax ids, currency."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app import telling
from app.company import settings
from app.refusals import Refused
from app.ui.mnemonics import Dialog
from app.ui.session import Session
from app.ui.tasks import Progress
from app.ui.widgets import Hint, Title, primary


class CompanyDialog(Dialog):
    """Of the session's home; ``session.changed`` tells when something was kept."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Company"))
        self.setMinimumWidth(460)
        self._session = session
        journal = session.journal
        known = settings.company_name(journal)
        self.name = QLineEdit(known if known != settings.company_code(journal) else "")
        self.name.setPlaceholderText(self.tr("Comercializadora del Norte, S.A. de C.V."))
        self.tax_ids = QLineEdit(" ".join(settings.own_tax_ids(journal)))
        self.tax_ids.setPlaceholderText("RFC / NIT")
        self.currency = QLineEdit(settings.currency(journal))
        self.currency.setPlaceholderText("MXN, COP…")
        self.problem = Hint()
        form = QFormLayout()
        form.addRow(self.tr("Name:"), self.name)
        form.addRow(self.tr("Own RFC or NIT:"), self.tax_ids)
        form.addRow(self.tr("Currency of the books:"), self.currency)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setText(self.tr("Save"))
        primary(save)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Cancel"))
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        hint = self.tr(
            "The name stands on the working papers. The tax ids decide which invoices are sales"
            " and which are purchases."
        )
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(hint))
        box.addLayout(form)
        box.addWidget(self.problem)
        box.addWidget(self.buttons)

    def _save(self) -> None:
        journal = self._session.journal
        name, currency = self.name.text().strip(), self.currency.text().strip()
        tax_ids = self.tax_ids.text().replace(",", " ").split()

        def work(_: Progress) -> None:
            if currency and currency != settings.currency(journal):
                settings.keep_currency(journal, currency)
            settings.keep_company_name(journal, name)
            settings.keep_own_tax_ids(journal, tax_ids)

        def kept(_: None) -> None:
            self._session.changed.emit()
            self.accept()

        self._session.tasks.run(work, kept, writes=True, failed=self._failed)

    def _failed(self, error: BaseException) -> bool:
        if isinstance(error, Refused):
            self.problem.setText("▲ " + telling.tell(error))
        return isinstance(error, Refused)
