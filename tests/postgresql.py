"""A PostgreSQL of our own on a free loopback port, for tests and benchmarks of a shared journal."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOOLS = [
    *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True),
    *(Path(found) for found in filter(None, [shutil.which("initdb")])),
]
IS_HERE = bool(TOOLS) and sys.platform != "win32"


@contextmanager
def running() -> Iterator[str]:
    """The URL of its database, under the account it insists on."""
    binaries = TOOLS[0].parent
    folder = Path(tempfile.mkdtemp(prefix="cuadre-pg-"))
    root = os.geteuid() == 0
    user = "postgres" if root else None
    if root:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = "postgres" if root else os.environ.get("USER", "postgres")

    def call(name: str, *arguments: str) -> None:
        command = [str(binaries / name), *arguments]
        subprocess.run(
            command, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120
        )

    call("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", account)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    call("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    try:
        yield f"postgresql://{account}@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def database(url: str, name: str) -> str:
    """A new database on that server."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.rpartition("/")[0] + f"/{name}"
