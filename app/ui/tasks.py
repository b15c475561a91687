"""Long work off the window's thread: one kind of task, with progress, Cancel, and an error path
nobody can forget.

Writing tasks share a single thread, so that two never race; reading tasks have a pool. Progress is
polled ten times a second instead of being signalled, because a flood of signals would freeze the
window it means to spare.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

POLL_MILLISECONDS = 100


class Progress:
    """Given to the work: call it with (done, total); it answers False when the person pressed
    Cancel.
    """

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self.started = time.monotonic()
        self._stop = threading.Event()

    def __call__(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self._stop.is_set()

    def cancel(self) -> None:
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def rate(self) -> float:
        elapsed = time.monotonic() - self.started
        return self.done / elapsed if elapsed > 0 else 0.0


class Task(QObject):
    """One piece of work. ``succeeded`` carries its result, ``failed`` its exception; then
    ``ended``.
    """

    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()
    progressed = Signal(object)
    _settled = Signal(object, object)

    def __init__(self, work: Callable[[Progress], Any], parent: QObject) -> None:
        super().__init__(parent)
        self.progress = Progress()
        self._work = work
        self.writes = False
        self._settled.connect(self._finish)
        self._timer = QTimer(self, interval=POLL_MILLISECONDS)
        self._timer.timeout.connect(lambda: self.progressed.emit(self.progress))

    def start(self, executor: ThreadPoolExecutor) -> None:
        self._timer.start()
        executor.submit(self._run)

    def _run(self) -> None:
        try:
            result, error = self._work(self.progress), None
        except BaseException as caught:
            result, error = None, caught
        with contextlib.suppress(
            RuntimeError
        ):  # the window may have been closed while the work went on
            self._settled.emit(result, error)

    def _finish(self, result: object, error: object) -> None:
        self._timer.stop()
        if error is None:
            self.succeeded.emit(result)
        else:
            self.failed.emit(error)
        self.ended.emit()
        self.deleteLater()


class Tasks(QObject):
    """Starts tasks; ``crashed`` carries exceptions that no caller handles."""

    crashed = Signal(object)
    counted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._running: list[Task] = []

    def run(
        self,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        writes: bool = False,
        failed: Callable[[BaseException], bool] | None = None,
    ) -> Task:
        """Start work; ``done`` gets its result in the window's thread. ``failed`` may answer True
        when it has told the person; otherwise the error goes to ``crashed``.
        """
        task = Task(work, self)
        task.writes = writes
        self._running.append(task)
        task.succeeded.connect(done)

        def told(error: BaseException) -> None:
            if failed is None or not failed(error):
                self.crashed.emit(error)

        task.failed.connect(told)
        task.ended.connect(lambda: self._ended(task))
        self.counted.emit(len(self._running))
        task.start(self._writer if writes else self._readers)
        return task

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def writing(self) -> int:
        """How many running tasks write to the journal."""
        return sum(1 for task in self._running if task.writes)

    def wait_for_readers(self) -> None:
        """Let short reading tasks end and deliver, before the widgets they answer to are
        replaced.
        """
        loop = QEventLoop()
        self.counted.connect(lambda count: loop.quit() if not count else None)
        if self._running:
            loop.exec()

    def stop(self) -> None:
        """Ask everything to stop and wait for it; what was done is in the journal."""
        for task in self._running:
            task.progress.cancel()
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True, cancel_futures=True)

    def _ended(self, task: Task) -> None:
        self._running.remove(task)
        self.counted.emit(len(self._running))
