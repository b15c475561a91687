"""Qt speaks from the same catalogue as the command line."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

from app.translation import catalogue, language, set_language


class CatalogueTranslator(QTranslator):
    """Answers Qt from ``app.translation``; an unknown text stays as it is."""

    def translate(
        self, context: str, source_text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        forms = catalogue(language()).get((context, source_text))
        if not forms:
            return source_text
        return forms[0 if n in (-1, 1) or len(forms) == 1 else 1]

    def isEmpty(self) -> bool:
        return False


def install(application: QCoreApplication, name: str) -> None:
    """Make the application speak ``name`` (es or en), Qt's own dialogs included."""
    set_language(name)
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.deleteLater()
    own = CatalogueTranslator(application)
    application.installTranslator(own)
    dialogs = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if dialogs.load(f"qtbase_{name}", folder):
        application.installTranslator(dialogs)
