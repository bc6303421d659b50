"""The embedded servers: they start as any user, survive a kill, and a data folder has one holder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from app.core.errors import Conflict, Invalid
from app.embedded.datafolder import DataFolder
from app.embedded.ports import require_free
from app.embedded.postgres import Postgres
from app.embedded.processes import alive, wait_until
from app.embedded.valkey import Valkey


@pytest.mark.slow
def test_postgres_keeps_its_rows_through_a_kill(tmp_path):
    first = Postgres(tmp_path)
    first.start()
    first.create_database("kept")
    first.run("psql", "-c", "create table stones as select generate_series(1, 500) as stone", "kept")
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    again = Postgres(tmp_path)
    again.start()
    try:
        assert again.create_database("kept") is False
        assert again.run("psql", "-tAc", "select count(*) from stones", "kept").strip() == "500"
    finally:
        again.stop()


@pytest.mark.slow
def test_valkey_keeps_its_keys_through_a_kill(tmp_path):
    first = Valkey(tmp_path)
    first.start()
    with Redis.from_url(first.url) as redis:
        redis.set("stone", "white")
        redis.execute_command("WAITAOF", 1, 0, 5000)
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    again = Valkey(tmp_path)
    again.start()
    try:
        with Redis.from_url(again.url) as redis:
            assert redis.get("stone") == b"white"
    finally:
        again.stop()


def test_a_data_folder_has_one_holder_which_is_named(tmp_path):
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with folder.held(), pytest.raises(Conflict) as refused, DataFolder(tmp_path / "data").held():
        raise AssertionError("two held the same folder")
    assert str(os.getpid()) in refused.value.message


def test_a_taken_port_is_said_with_a_free_one_beside():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Conflict) as refused:
            require_free("127.0.0.1", port)
    assert f"Port {port} is taken by process {os.getpid()}" in refused.value.message
    assert f"--port {refused.value.details['free']}" in refused.value.message
    require_free("127.0.0.1", refused.value.details["free"])


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises((Invalid, Conflict)):
        DataFolder(tmp_path / "data").prepare()


def test_a_server_dies_with_whoever_started_it(tmp_path):
    """A launcher that is killed outright leaves no orphan."""
    code = (
        "import sys, time; from pathlib import Path; from app.embedded.valkey import Valkey;"
        f"v = Valkey(Path({str(tmp_path)!r}), durable=False); v.start(); print(v.pid, flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert launcher.stdout is not None
    server = int(launcher.stdout.readline())
    assert alive(server)
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    assert wait_until(lambda: not alive(server), 10)
