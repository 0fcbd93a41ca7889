"""A model hub on the loopback: the routes that the hub's own library asks, and what goes wrong with real ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin", ".pth")
"""Files that are kept apart, behind a redirect to another host."""


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    range: str | None
    token: str | None


@dataclass
class FakeHub:
    """Repositories, and what shall go wrong.

    Args:
        port: where it listens.
    """

    port: int
    files: dict[tuple[str, str], Mapping[str, bytes]] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    conversions: dict[str, int] = field(default_factory=dict)
    plain: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    held_after: int | None = None
    released: threading.Event = field(default_factory=threading.Event)
    changed: set[str] = field(default_factory=set)
    ranges_honoured: bool = True
    refusal: tuple[int, Mapping[str, str]] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, name: str, files: Mapping[str, bytes], branch: str = "main", licence: str = "mit") -> str:
        """Put files on a branch; the commit that it is now."""
        told = "".join(f"{file} {sha256(files[file]).hexdigest()} " for file in sorted(files))
        commit = sha1(told.encode(), usedforsecurity=False).hexdigest()
        self.files[name, commit] = files
        self.branches[name, branch] = commit
        self.licences[name] = licence
        return commit

    def ranges(self, file: str) -> list[str | None]:
        """From where on a large file was asked for, of each request that fetched it."""
        return [one.range for one in self.asked if one.method == "GET" and one.path.endswith(f"/stored/{file}")]

    def keep(self, path: str, content: bytes) -> str:
        """Put a file there that belongs to no repository; its address."""
        self.plain[path] = content
        return f"{self.endpoint}{path}"

    def commit_of(self, name: str, revision: str) -> str | None:
        commit = self.branches.get((name, revision), revision)
        return commit if (name, commit) in self.files else None


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    """Start one, and end it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    hub = server.hub = FakeHub(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        return self.server.hub  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(Asked(self.command, path, self.headers["Range"], self.headers["Authorization"]))
        if self.hub.refusal:
            status, headers = self.hub.refusal
            return self._send(status, b"{}", headers)
        if path in self.hub.plain:
            return self._with_range(path.rpartition("/")[2], self.hub.plain[path])
        parts = path.strip("/").split("/")
        if parts[0] == "elsewhere":
            return self._stored(*parts[1:4], parts[-1])
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[:2])
        if parts[0] != "api":
            return self._resolve(name, parts[3], "/".join(parts[4:]))
        if parts[4:5] == ["discussions"]:
            return self._discussions(name)
        return self._info(name, "/".join(parts[5:]))

    def _info(self, name: str, revision: str) -> None:
        known = {repository for repository, _ in self.hub.files}
        commit = self.hub.commit_of(name, revision)
        if commit is None:
            code = "RevisionNotFound" if name in known else "RepoNotFound"
            return self._send(404 if name in known else 401, b"{}", {"X-Error-Code": code})
        files = self.hub.files[name, commit]
        siblings = [_sibling(file, content) for file, content in files.items()]
        card = {"license": self.hub.licences[name]}
        answer = {"id": name, "sha": commit, "siblings": siblings, "cardData": card, "tags": []}
        return self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _discussions(self, name: str) -> None:
        number = self.hub.conversions.get(name)
        told = {
            "num": number,
            "title": "Adding `safetensors` variant of this model",
            "author": {"name": "SFconvertbot"},
            "createdAt": "2024-01-01T00:00:00.000Z",
            "status": "open",
            "repo": {"name": name, "type": "model"},
            "isPullRequest": True,
        }
        answer = {"discussions": [told] if number else [], "count": int(bool(number)), "start": 0}
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _resolve(self, name: str, revision: str, file: str) -> None:
        commit = self.hub.commit_of(name, revision)
        content = self.hub.files[name, commit].get(file) if commit else None
        if commit is None or content is None:
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        told = {"X-Repo-Commit": commit, "ETag": f'"{_blob(content)}"'}
        if not file.endswith(LARGE):
            return self._send(200, self._as_sent(file, content), told)
        told |= {"X-Linked-Etag": f'"{sha256(content).hexdigest()}"', "X-Linked-Size": str(len(content))}
        # By another name, so that it is another host
        told["Location"] = f"http://localhost:{self.hub.port}/elsewhere/{name}/{commit}/stored/{file}"
        return self._send(302, b"", told)

    def _stored(self, owner: str, name: str, commit: str, file: str) -> None:
        self._with_range(file, self.hub.files[f"{owner}/{name}", commit][file])

    def _with_range(self, file: str, published: bytes) -> None:
        content = self._as_sent(file, published)
        wanted = self.headers["Range"] if self.hub.ranges_honoured else None
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        if wanted and start >= len(content):
            return self._send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        told = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if wanted else {}
        return self._send(206 if wanted else 200, content[start:], told, cut=self.command == "GET")

    def _as_sent(self, file: str, content: bytes) -> bytes:
        return content[:-1] + bytes([content[-1] ^ 1]) if file in self.hub.changed else content

    def _send(self, status: int, content: bytes, headers: Mapping[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut and self.hub.cut_after:
            self.wfile.write(content[: self.hub.cut_after.pop(0)])
            self.close_connection = True
        elif cut and self.hub.held_after is not None:
            self._write_half(content, self.hub.held_after)
        else:
            self.wfile.write(content)

    def _write_half(self, content: bytes, size: int) -> None:
        """The rest follows when it is released, if somebody still listens."""
        self.wfile.write(content[:size])
        self.wfile.flush()
        self.hub.released.wait(60)
        with suppress(OSError):
            self.wfile.write(content[size:])


def _sibling(file: str, content: bytes) -> dict[str, object]:
    told: dict[str, object] = {"rfilename": file, "size": len(content), "blobId": _blob(content)}
    if file.endswith(LARGE):
        told["lfs"] = {"size": len(content), "sha256": sha256(content).hexdigest(), "pointerSize": 134}
    return told


def _blob(content: bytes) -> str:
    return sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
