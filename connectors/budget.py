"""A call budget: at most so many requests in any sixty seconds, as the vendors count."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class CallBudget:
    """Blocks in :meth:`acquire` until one more call fits. ``per_minute`` 0 means no limit."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.per_minute = per_minute
        self._clock, self._sleep = clock, sleep
        self._calls: deque[float] = deque()
        self._blocked_until = 0.0
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Wait for a free place in the window, then take it."""
        while (wait := self._take()) > 0:
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """The server said to wait: nothing goes out for that long."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, self._clock() + seconds)

    def _take(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._blocked_until:
                return self._blocked_until - now
            if not self.per_minute:
                return 0.0
            while self._calls and now - self._calls[0] >= WINDOW_SECONDS:
                self._calls.popleft()
            if len(self._calls) < self.per_minute:
                self._calls.append(now)
                return 0.0
            return WINDOW_SECONDS - (now - self._calls[0])
