"""A web server on this machine that answers as the table of a test says."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What the server says to one path; ``length`` is what it promises, by default the truth."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    login: str | None = None
    wait: Callable[[], object] = lambda: None


@contextlib.contextmanager
def web_server(answers: dict[str, Answer]) -> Iterator[str]:
    """Yield the address of a server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0], Answer(status=404))
            if answer.login is not None and self.headers.get("Authorization") != answer.login:
                answer = Answer(status=401)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
            self.end_headers()
            with contextlib.suppress(OSError):  # the client may have gone
                self.wfile.write(answer.body)
                self.wfile.flush()
                answer.wait()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
