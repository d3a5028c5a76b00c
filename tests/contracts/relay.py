"""A way to an HTTP server on which tests see what passes, and can let something happen there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

HOP_BY_HOP = {"connection", "content-encoding", "content-length", "host", "transfer-encoding"}

Passing = Callable[[str], None]
"""Called with a request's path, on a thread of the relay; what it raises ends the connection there."""


def unnoticed(_path: str) -> None:
    """Nothing happens."""


@contextmanager
def relay(target: str, asked: Passing = unnoticed, answered: Passing = unnoticed) -> Iterator[str]:
    """An address that leads to `target`; `asked` is called before a request goes on, `answered` after it."""

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
            asked(self.path)
            answer = httpx.request(
                self.command, target + self.path, content=body, headers=headers, timeout=60
            )
            answered(self.path)
            self.send_response(answer.status_code)
            for key, value in answer.headers.items():
                if key.lower() not in HOP_BY_HOP:
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815 - the server's names

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever asked may be gone
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
