"""A call budget: at most so many requests in any sixty seconds and on any day, as the vendors
count.

The count is kept where the one who makes the budget says: in memory, or in a store that survives
the program and is shared by everybody who calls with the same account. The day is the one of UTC; a
vendor that counts by another clock is served by a smaller number.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

WINDOW_SECONDS = 60.5
"""Half a second more than a minute: requests do not arrive in the rhythm they left in."""
DAY_SECONDS = 86_400.0
LONGEST_WAIT = 120.0

T = TypeVar("T")


class NotNow(Exception):
    """No call fits for ``seconds``: too long to wait for in silence."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class Calls:
    """What was called: instants (seconds since 1970) within the last minute, the day and how many
    on it, and until when the server wants silence.
    """

    recent: list[float] = field(default_factory=list)
    day: int = 0
    today: int = 0
    blocked_until: float = 0.0


class CallStore(Protocol):
    """Keeps :class:`Calls`."""

    def change(self, step: Callable[[Calls], T]) -> T:
        """Hand the calls to ``step``, which may change them, and keep them; nobody else changes
        them meanwhile.
        """
        ...


class InMemory:
    """Counts for this process only."""

    def __init__(self) -> None:
        self._calls = Calls()
        self._lock = threading.Lock()

    def change(self, step: Callable[[Calls], T]) -> T:
        with self._lock:
            return step(self._calls)


class CallBudget:
    """Blocks in :meth:`acquire` until one more call fits. A limit of 0 means none."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        per_day: int = 0,
        store: CallStore | None = None,
    ) -> None:
        self.per_minute, self.per_day = per_minute, per_day
        self._clock, self._sleep = clock, sleep
        self._store: CallStore = (
            store if store is not None and (per_minute or per_day) else InMemory()
        )

    def acquire(self) -> None:
        """Wait for a free place in the window, then take it. Raises NotNow where that would take
        minutes: another day has one, or the server wants silence.
        """
        while (wait := self._store.change(self._take)) > 0:
            if wait > LONGEST_WAIT:
                raise NotNow(wait)
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """The server said to wait: nothing goes out for that long."""

        def block(calls: Calls) -> None:
            calls.blocked_until = max(calls.blocked_until, self._clock() + seconds)

        self._store.change(block)

    def _take(self, calls: Calls) -> float:
        """Seconds to wait; 0 when the call fits and is counted."""
        now = self._clock()
        if now < calls.blocked_until <= now + DAY_SECONDS:
            return calls.blocked_until - now
        day = int(now // DAY_SECONDS)
        if day != calls.day:
            calls.day, calls.today = day, 0
        if self.per_day and calls.today >= self.per_day:
            raise NotNow((day + 1) * DAY_SECONDS - now)
        calls.recent = [at for at in calls.recent if 0 <= now - at < WINDOW_SECONDS]
        if self.per_minute and len(calls.recent) >= self.per_minute:
            return WINDOW_SECONDS - (now - calls.recent[0])
        if self.per_minute:
            calls.recent.append(now)
        calls.today += 1
        return 0.0
