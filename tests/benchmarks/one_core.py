"""One case of a benchmark in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def run(module: str, *arguments: str) -> dict[str, float]:
    """What ``python -m module --one …`` prints as JSON in its last line; bound to one core where
    the system can do that.
    """
    command = [sys.executable, "-m", module, "--one", *arguments]
    bind = (
        (lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}))
        if hasattr(os, "sched_setaffinity")
        else None
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=bind)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
