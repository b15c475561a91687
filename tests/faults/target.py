"""Serves a sandbox from a process of its own, so that killing the sender never touches the target.

``python -m tests.faults.target DATABASE [CALLS A MINUTE]`` prints the address and serves until its
input closes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.sandbox import SandboxServer, SandboxStore


def main() -> None:
    per_minute = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = SandboxServer(SandboxStore(Path(sys.argv[1])), seed=3, per_minute=per_minute).start()
    print(server.url, flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
