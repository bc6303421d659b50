"""The site of these tests, served by the server that Reelroom ships with."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served(valkey_url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The site's address and process, served by the server we ship with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    here = Path(__file__).parent
    environment = {**os.environ, "REELROOM_TEST_URL": url, "REELROOM_TEST_REDIS": valkey_url, "PYTHONPATH": str(here)}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--factory", "web_site:browser_site"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if "Started worker" in line:
            break
    else:
        raise RuntimeError("The site did not start:\n" + "".join(lines))
    drain = subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)  # its log must not fill the pipe
    server.stdout.close()
    try:
        yield url, server
    finally:
        server.terminate()
        server.wait(30)
        drain.wait(30)
