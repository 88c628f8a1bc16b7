"""A hub on this machine: lists files, serves ranges, and fails in the ways that real ones do."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """What the server has, how it misbehaves, and what it was asked.

    Attributes:
        cut_after: Bytes after which the connection breaks, once for each number.
        token: Without it everything is refused.
        seconds_per_part: How long each 64 KiB take.
    """

    repository: str
    files: dict[str, bytes]
    cut_after: list[int] = field(default_factory=list)
    listed_hash: dict[str, str] = field(default_factory=dict)
    token: str = ""
    lost: set[str] = field(default_factory=set)
    seconds_per_part: float = 0.0
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def running(hub: FakeHub) -> Iterator[FakeHub]:
    """Serves `hub` until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # one small server
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(self.path.split("?")[0])
            hub.asked.append((path, self.headers.get("Range", "")))
            if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                self._refuse(401, "GatedRepo")
            elif path.startswith(f"/api/models/{hub.repository}"):
                self._list()
            elif path.startswith(f"/{hub.repository}/resolve/{REVISION}/"):
                self._serve(path.split(f"/{REVISION}/", 1)[1])
            else:
                self._refuse(404, "RepoNotFound")

        def _list(self) -> None:
            siblings = [
                {
                    "rfilename": name,
                    "size": len(body),
                    "lfs": {
                        "sha256": hub.listed_hash.get(name, hashlib.sha256(body).hexdigest()),
                        "size": len(body),
                        "pointerSize": 134,
                    },
                }
                for name, body in hub.files.items()
            ]
            content: dict[str, Any] = {
                "id": hub.repository, "modelId": hub.repository, "sha": REVISION,
                "siblings": siblings, "tags": [], "private": False, "downloads": 0, "likes": 0,
            }  # fmt: skip
            self._answer(200, json.dumps(content).encode(), "application/json")

        def _serve(self, name: str) -> None:
            if name not in hub.files or name in hub.lost:
                self._refuse(404, "EntryNotFound")
                return
            body = hub.files[name]
            wanted = self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            end = len(body)
            if hub.cut_after:
                end = min(end, start + hub.cut_after.pop(0))
            for place in range(start, end, 65536):
                time.sleep(hub.seconds_per_part)
                self.wfile.write(body[place : min(place + 65536, end)])
            if end < len(body):
                self.close_connection = True

        def _refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
            """Says nothing."""

        def handle(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client left
                super().handle()

    return Handler
