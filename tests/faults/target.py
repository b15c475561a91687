"""Serves a sandbox from a process of its own, so that killing the sender never touches the target.

``python -m tests.faults.target DATABASE`` prints the address and serves until its input closes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.sandbox import SandboxServer, SandboxStore


def main() -> None:
    server = SandboxServer(SandboxStore(Path(sys.argv[1])), seed=3).start()
    print(server.url, flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
