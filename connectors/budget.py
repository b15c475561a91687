"""A call budget: at most so many requests in any sixty seconds and on any day, as the vendors count.

Kept in a small file, it survives the program: who starts again does not start counting again. The day is the one of
UTC; a vendor that counts by another clock is served by a smaller number.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

WINDOW_SECONDS = 60.0
DAY_SECONDS = 86_400.0


class DayIsSpent(Exception):
    """The day's calls are used up; ``seconds`` are left until the next day."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class CallBudget:
    """Blocks in :meth:`acquire` until one more call fits. A limit of 0 means none. ``kept`` is the file the count
    survives in; one that is damaged or cannot be written counts for nothing."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        per_day: int = 0,
        kept: Path | None = None,
    ) -> None:
        self.per_minute, self.per_day = per_minute, per_day
        self._clock, self._sleep, self._kept = clock, sleep, kept
        self._calls: deque[float] = deque()
        self._blocked_until = 0.0
        self._day, self._today = 0, 0
        self._lock = threading.Lock()
        self._load()

    def acquire(self) -> None:
        """Wait for a free place in the window, then take it. Raises DayIsSpent where only another day has one."""
        while (wait := self._take()) > 0:
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """The server said to wait: nothing goes out for that long."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, self._clock() + seconds)
            self._save()

    def _take(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._blocked_until:
                return self._blocked_until - now
            self._count_day(now)
            if not self.per_minute:
                self._took()
                return 0.0
            while self._calls and not 0 <= now - self._calls[0] < WINDOW_SECONDS:
                self._calls.popleft()
            if len(self._calls) < self.per_minute:
                self._calls.append(now)
                self._took()
                return 0.0
            return WINDOW_SECONDS - (now - self._calls[0])

    def _count_day(self, now: float) -> None:
        day = int(now // DAY_SECONDS)
        if day != self._day:
            self._day, self._today = day, 0
        if self.per_day and self._today >= self.per_day:
            raise DayIsSpent((day + 1) * DAY_SECONDS - now)

    def _took(self) -> None:
        self._today += 1
        self._save()

    def _load(self) -> None:
        if self._kept is None:
            return
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = json.loads(self._kept.read_text("utf-8"))
            self._calls.extend(float(at) for at in found["calls"])
            self._day, self._today = int(found["day"]), int(found["today"])
            self._blocked_until = min(float(found["blocked_until"]), self._clock() + DAY_SECONDS)

    def _save(self) -> None:
        if self._kept is None or not (self.per_minute or self.per_day):
            return
        state = {
            "calls": list(self._calls), "day": self._day, "today": self._today, "blocked_until": self._blocked_until,
            "at": datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        with contextlib.suppress(OSError):
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            partial = self._kept.with_name(self._kept.name + ".partial")
            partial.write_text(json.dumps(state), encoding="utf-8")
            partial.replace(self._kept)
