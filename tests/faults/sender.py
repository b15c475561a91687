"""A push in a process of its own, two documents a request, so that there are many moments to be
killed at.

``python -m tests.faults.sender HOME`` prints a line when it begins to send.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.company import settings
from app.sending import settling
from app.sending.push import push
from connectors.sandbox import SandboxConnector
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Transport

settling.QUIET_SECONDS = 0.2


def main() -> None:
    journal = settings.open_journal(Path(sys.argv[1]))
    kept = settings.find_connection(journal, "sb")
    target = SandboxConnector(Transport(kept.url), DEFAULT_USER, DEFAULT_PASSWORD, batch=2)
    target.identify()
    print("sending", flush=True)
    push(journal, "sb", target, deadline=60)


if __name__ == "__main__":
    main()
