"""A connection between two processes of a run: one line of JSON for each message, and an end that cannot be missed."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

Message = Mapping[str, Any]
_SECONDS_TO_CONNECT = 60.0
_LOOPBACK = ("127.0.0.1", "localhost")


class Link:
    """One end of a connection. It breaks when the process at the other end ends, however it ends."""

    def __init__(self, connection: socket.socket) -> None:
        """Take a connected socket."""
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket = connection
        self._lines = connection.makefile("r", encoding="utf-8")

    @classmethod
    def to(cls, host: str, port: int, hello: Message) -> Self:
        """Connect to a :class:`Door` and say who is there."""
        link = cls(socket.create_connection((host, port), _SECONDS_TO_CONNECT))
        link.send(hello)
        return link

    def send(self, message: Message) -> None:
        """Send a message; to a process that is gone, nothing."""
        with suppress(OSError):
            self._socket.sendall(f"{json.dumps(message)}\n".encode())

    def receive(self) -> Message | None:
        """Wait for the next message, however long it takes; None where the other process is gone."""
        try:
            line = self._lines.readline()
            message: Message | None = json.loads(line) if line.endswith("\n") else None
        except (OSError, ValueError):
            return None
        return message

    def close(self) -> None:
        """Break the connection."""
        self._lines.close()
        self._socket.close()


class Door:
    """Where the first process waits for the others. Only those it gave its token are let in."""

    def __init__(self, host: str) -> None:
        """Open a free port, on this machine alone where ``host`` is this machine."""
        self._server = socket.create_server((host if host in _LOOPBACK else "", 0))
        self._server.settimeout(_SECONDS_TO_CONNECT)
        self.port: int = self._server.getsockname()[1]
        self.token = secrets.token_hex(16)

    def links(self, processes: Sequence[int]) -> dict[int, Link]:
        """Wait for each of these processes.

        Raises:
            TimeoutError: one did not come within a minute.
        """
        found: dict[int, Link] = {}
        while set(found) != set(processes):
            link = Link(self._server.accept()[0])
            hello = link.receive() or {}
            if secrets.compare_digest(str(hello.get("token")), self.token):
                found[hello["process"]] = link
            else:
                link.close()
        self._server.close()
        return found
