"""TCP ports: which is free, and who has the one that is not."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from app.core.errors import Conflict, Invalid

TRIES = 200


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that was free a moment ago."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def require_free(host: str, port: int) -> None:
    """Return if ``port`` can be listened on.

    Raises ``Conflict`` when it is taken (saying by whom, where that can be seen, and which one is free), and
    ``Invalid`` when this machine has no such address or the port needs rights we lack.
    """
    try:
        _bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _taken(host, port) from error
        raise Invalid(
            "embedded.bad_address",
            f"Cannot listen on {host}:{port} ({error.strerror}): choose another --host or --port.",
        ) from error


def _taken(host: str, port: int) -> Conflict:
    holder = holder_of(port)
    by = f" by process {holder[0]} ({holder[1]})" if holder else ""
    free = next((other for other in range(port + 1, port + TRIES) if _is_free(host, other)), None)
    return Conflict(
        "embedded.port_taken",
        f"Port {port} is taken{by}. Stop that program, or start with --port {free or free_port(host)}.",
        port=port,
        free=free,
    )


def _is_free(host: str, port: int) -> bool:
    if port > 65535:
        return False
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def _bind(host: str, port: int) -> None:
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def holder_of(port: int) -> tuple[int, str] | None:
    """Return the process id and name of who listens on ``port``, or None where it cannot be seen."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(descriptor.readlink()) in inodes for descriptor in (process / "fd").iterdir()):
                return int(process.name), (process / "comm").read_text().strip()
        except OSError:
            continue  # it ended, or belongs to somebody else
    return None


def _listening_inodes(port: int) -> set[str]:
    """Return the sockets that listen on ``port``, as /proc names them (state 0A is LISTEN)."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{columns[9]}]")
    return found
