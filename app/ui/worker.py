"""The unattended work while the window is open: the same loop as ``cuadre work``, without sending,
which a person does here.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.agent.jobs import Job
from app.agent.work import Report, work_once
from app.intake.hot_folders import State
from app.journal import roles
from app.journal.errors import DatabaseError
from app.journal.roles import Role
from app.refusals import Refused
from app.ui.session import Session
from app.ui.tasks import Progress

EVERY_MILLISECONDS = 10_000
_JOBS = tuple(job for job in Job if job not in (Job.SEND, Job.CLOSE, Job.ALERTS))
"""Alerts are the notifier's."""


class Worker(QObject):
    """What is due is done every few seconds, off the window's thread; leases keep it from what a
    service or another desktop does.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._busy, self._imported = session, False, 0
        self._timer = QTimer(self, interval=EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """One round, unless one is going on or a person's own work is writing."""
        journal = self._session.journal
        if self._busy or self._session.tasks.writing:
            return
        self._busy = True

        def work(progress: Progress) -> Report:
            if not roles.may(journal, Role.IMPORT):
                return Report()  # who may only look does nothing by the way
            return work_once(journal, _JOBS, goes_on=lambda: not progress.cancelled, only_due=True)

        task = self._session.tasks.run(work, self._done, failed=_is_told_elsewhere)
        task.ended.connect(self._ended)

    def stop(self) -> None:
        self._timer.stop()

    def _ended(self) -> None:
        self._busy = False

    def _done(self, report: Report) -> None:
        came = [one for one in report.arrivals.arrivals if one.state is State.IMPORTED]
        is_news = any(one.news or one.gone for one in report.polled.values())
        looked = any(one.records for one in report.processed.values())
        if (came and Job.FOLDERS in report.done and self._is_new(len(came))) or is_news or looked:
            self._session.changed.emit()

    def _is_new(self, count: int) -> bool:
        """Whether more files were imported than when it was asked last."""
        before, self._imported = self._imported, count
        return count != before


def _is_told_elsewhere(error: BaseException) -> bool:
    """A journal whose server is away is told by whatever the person does next, not every ten
    seconds.
    """
    return isinstance(error, DatabaseError | Refused | OSError)
