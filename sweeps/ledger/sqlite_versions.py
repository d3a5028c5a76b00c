"""Whether anybody has changed an SQLite file: a look that costs a thirtieth of a transaction."""

import sqlite3
import threading


class SqliteVersions:
    """Reads the number by which SQLite tells a connection that others have committed.

    The connection is kept, since the number means something to it alone, and writes nothing.
    """

    def __init__(self, path: str) -> None:
        """Opens nothing yet."""
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def read(self) -> int | None:
        """The number; None when the file cannot be read now, which a transaction will say better."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = sqlite3.connect(self._path, timeout=0.0, check_same_thread=False)
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error:
                return None

    def close(self) -> None:
        """Close the connection; the next look opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
