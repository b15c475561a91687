"""The four figures that are always visible, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.month_end import figures
from app.month_end.figures import Health, Level

NOTHING = "—"
"""Of what was not measured."""
FigureText = tuple[str, str, str, Level, tuple[str, ...]]
"""Name, value, target, how it stands, and the documents behind it."""


def figure_texts(found: Health) -> tuple[FigureText, ...]:
    translate = QCoreApplication.translate
    latency = NOTHING if found.latency_median is None else f"{found.latency_median:.1f} s"
    rate = NOTHING if found.error_rate is None else f"{found.error_rate:.2%}"
    if 0 < found.ended < figures.FEW:
        wrong = len(found.failed) + found.inbox_dead
        rate = translate("MainWindow", "{wrong} of {ended}").format(wrong=wrong, ended=found.ended)
    asked = found.questions.documents
    queue = f"{found.queue + len(asked):,}"
    if found.queue_trend:
        queue += translate("MainWindow", " ({trend} in 1 h)").format(
            trend=f"{found.queue_trend:+,}"
        )
    return (
        (
            translate("MainWindow", "Sync latency"),
            latency,
            translate("MainWindow", "target under 5 min · 24 h"),
            found.latency_level,
            found.late,
        ),
        (
            translate("MainWindow", "Error rate"),
            rate,
            translate("MainWindow", "target under 0.1 % · 24 h"),
            found.error_rate_level,
            found.failed,
        ),
        (
            translate("MainWindow", "Orphan records"),
            f"{len(found.orphans):,}",
            translate("MainWindow", "target 0"),
            found.orphans_level,
            found.orphans,
        ),
        (
            translate("MainWindow", "Retry queue"),
            queue,
            (
                translate("MainWindow", "{count} wait for your answer").format(count=len(asked))
                if asked
                else translate("MainWindow", "target 0")
            ),
            found.queue_level,
            (*found.waiting, *asked),
        ),
    )
