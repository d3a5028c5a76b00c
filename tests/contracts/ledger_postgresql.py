"""A PostgreSQL server of our own: in a folder that goes away, on a socket in that folder, on no port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from tests.waiting import until

OWNER = "gradsweep"
START_SECONDS = 60.0
# A test database need not survive a power cut.
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=80",
)


class PostgresqlServer:
    """A running server that makes fresh databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    def new_database(self) -> str:
        """The URL of an empty database: a schema of its own, quick to make and to throw away."""
        name = f"ledger_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"postgresql+psycopg://{OWNER}@/postgres?host={self._folder}&options=-csearch_path%3D{name}"

    def connect(self) -> psycopg.Connection:
        """A connection outside of any ledger."""
        return psycopg.connect(host=str(self._folder), user=OWNER, dbname="postgres", autocommit=True)


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server, stop it and delete its data in the end."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="gradsweep-postgresql-"))
    process = None
    try:
        _make_data(binaries, folder)
        process = _start(binaries, folder)
        server = PostgresqlServer(folder)
        _wait(server, process, folder / "log")
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # at once: what it would still write goes away as well
            process.wait(timeout=START_SECONDS)
        shutil.rmtree(folder)


def _binaries() -> Path:
    """The newest installed version's folder; the Debian package is installed when there is none."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        subprocess.run(["apt-get", "install", "-y", "postgresql"], check=True, capture_output=True)
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _user() -> dict[str, str]:
    """PostgreSQL refuses to run as root, so root lends it another name."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


def _make_data(binaries: Path, folder: Path) -> None:
    if _user():
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    argv = [binaries / "initdb", "-D", folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8"]
    argv += ["--locale=C", "--no-sync"]
    subprocess.run(argv, check=True, capture_output=True, cwd=folder, **_user())  # type: ignore[call-overload]


def _start(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    argv = [binaries / "postgres", "-D", folder / "data", "-k", folder]
    argv += [part for setting in FAST for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(argv, stdout=log, stderr=log, cwd=folder, **_user())  # type: ignore[call-overload, no-any-return]


def _wait(server: PostgresqlServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until(lambda: _answers(server) or process.poll() is not None, START_SECONDS)
    if not _answers(server):
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


def _answers(server: PostgresqlServer) -> bool:
    try:
        server.connect().close()
    except psycopg.OperationalError:
        return False
    return True
