"""The figures over time after a week of work: what is drawn is what was kept, and stands in the
table.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.journal import Journal, figures
from app.journal.store import instant, written
from app.month_end import history
from app.ui.main_window import MainWindow
from app.ui.month_end.chart import Chart, Series, Shape

Idle = Callable[[], None]


def simulate_week(journal: Journal) -> None:
    """Office hours with a few hundred documents, a target that was silent on the third day."""
    chance = random.Random(7)
    now = instant().replace(minute=0, second=0, microsecond=0)
    buckets, points = {}, {}
    days = [now.astimezone().date() - timedelta(days=back) for back in range(2, 7)]
    bad_day = next(day for day in days if day.weekday() < 5)
    for back in range(7 * 24):
        at = now - timedelta(hours=back)
        local = at.astimezone()
        busy = local.weekday() < 5 and 8 <= local.hour < 19
        silent = local.date() == bad_day and 11 <= local.hour < 14
        slow = local.date() == bad_day and local.hour == 14
        count = 0 if silent or not busy else chance.randint(10, 60)
        for _ in range(count):
            seconds = chance.lognormvariate(math.log(900 if slow else 14), 0.8)
            key = (written(at), "odoo", "", figures.bucket_of(seconds))
            buckets[key] = buckets.get(key, 0) + 1
        points[written(at), "ok"] = max(count - 2, 0)
        points[written(at), "again"] = min(count, 2)
        points[written(at), "refused_documents"] = int(chance.random() < 0.05 and busy)
        points[written(at), "queued"] = 60 * (local.hour - 10) if silent else chance.randint(0, 3)
        points[written(at), "inbox"] = chance.randint(0, 8) * busy
        points[written(at), "dead"] = 1 if back < 10 else 0
        points[written(at), "orphans"] = 2 if 100 <= back < 120 else 0
    with journal.writing() as transaction:
        figures.keep_latencies(transaction, buckets, "9999")
        figures.keep_at(transaction, points, (), "9999")


def test_a_week_is_drawn_and_told(qtbot: QtBot, window: MainWindow, idle: Idle) -> None:
    simulate_week(window.session.journal)
    page = window.figures_page
    window.resize(1366, 768)
    window.go_to("figures")
    page.window_box.setCurrentIndex(1)
    idle()
    kept = history.read(window.session.journal, timedelta(days=7))
    (sent, again, refused, _) = page.outcomes.series
    assert sum(value or 0 for value in sent.values) == kept.outcomes["ok"]
    assert sum(value or 0 for value in again.values) == kept.outcomes["again"]
    assert sum(value or 0 for value in refused.values) == kept.outcomes.get("refused_documents", 0)
    assert max(value or 0 for value in page.latency.series[1].values) > 300
    assert page.model.rowCount() > 20
    assert page.latency.series[0].name in page.latency.accessibleDescription()
    if folder := os.environ.get("CUADRE_PICTURES"):
        window.grab().save(str(Path(folder) / "figures.png"))


def test_the_table_is_saved(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_week(window.session.journal)
    window.go_to("figures")
    idle()
    path = tmp_path / "figuras.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    window.figures_page.save.click()
    lines = path.read_text("utf-8-sig").splitlines()
    assert len(lines) == window.figures_page.model.rowCount() + 1


def test_without_data_it_says_so(qtbot: QtBot, window: MainWindow, idle: Idle) -> None:
    window.go_to("figures")
    idle()
    assert window.figures_page.hint.text()
    assert window.figures_page.model.rowCount() == 0
    window.figures_page.grab()


@pytest.mark.parametrize("shape", list(Shape))
@pytest.mark.parametrize(
    "values",
    [[], [None, None], [0.0, 0.0], [1e12, 0.0], [None, 5.0, None], [-0.0]],
    ids=["none", "unmeasured", "zero", "huge", "one", "minus zero"],
)
def test_a_chart_draws_anything(qtbot: QtBot, shape: Shape, values: list[float | None]) -> None:
    for is_log in (False, True):
        chart = Chart("Título", shape, "s", 300.0, is_log)
        qtbot.addWidget(chart)
        chart.resize(400, 200)
        chart.show_series([str(n) for n in range(len(values))], [Series("a", values)])
        image = chart.grab().toImage()
        assert image.format() != QImage.Format.Format_Invalid
