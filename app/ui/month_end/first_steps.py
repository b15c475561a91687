"""What a person who opens the program for the first time does, in three steps, none of them
forced.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from app.ui.icons import put
from app.ui.plain import Label
from app.ui.widgets import Hint, Title, primary, row


class FirstSteps(QFrame):
    """``wanted`` names what is asked for: company, file, practice, connection, example."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.company = QPushButton(self.tr("Company…"))
        self.file = primary(QPushButton(self.tr("Choose an export…")))
        self.practice = QPushButton(self.tr("Practise with the included ERP"))
        self.connection = QPushButton(self.tr("Connect my ERP…"))
        self.example = QPushButton(self.tr("Show a sample month"))
        for button, icon, asks in (
            (self.company, "user", "company"),
            (self.file, "file-import", "file"),
            (self.practice, "puzzle", "practice"),
            (self.connection, "plug", "connection"),
            (self.example, "table", "example"),
        ):
            put(button, icon)
            button.clicked.connect(lambda _=False, asks=asks: self.wanted.emit(asks))
        box = QVBoxLayout(self)
        box.setContentsMargins(18, 14, 18, 14)
        box.setSpacing(8)
        box.addWidget(Title(self.tr("Welcome to Cuadre")))
        steps = (
            (
                self.tr("1. Say whose books these are"),
                self.tr("Name, RFC or NIT and currency; they stand on the working papers."),
                (self.company,),
            ),
            (
                self.tr("2. Drop the export of your accounting system here"),
                self.tr(
                    "In CONTPAQi: Pólizas, Reporte de pólizas, and save it as TXT or Excel. In"
                    " World Office, Helisa or Siigo: the report of vouchers or the ledger, to"
                    " Excel. Nothing is sent anywhere by looking at it."
                ),
                (self.example, self.file),
            ),
            (
                self.tr("3. Say where the month goes"),
                self.tr(
                    "Your ERP by its API, or the included one, which behaves like it and costs"
                    " nothing when something goes wrong. Two files can be reconciled without"
                    " either."
                ),
                (self.practice, self.connection),
            ),
        )
        for heading, words, buttons in steps:
            title = Label(heading)
            title.setObjectName("cardTitle")
            box.addWidget(title)
            box.addWidget(Hint(words))
            box.addLayout(row(*buttons, 1))
