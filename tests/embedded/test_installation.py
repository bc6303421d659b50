"""One way in to an installation: held by one process, reached by the others, and this process pointed at it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import Settings, get_settings
from app.core.errors import Conflict, Invalid
from app.embedded import installation
from app.embedded.datafolder import DataFolder, Running
from app.embedded.postgres import Postgres

EXTERNAL = {"database_url": "postgresql://db.example/reelroom", "redis_url": "redis://cache.example/0"}


def unheard(line: str) -> None:
    """Take a report that must not come."""
    raise AssertionError(line)


@pytest.fixture
def embedded(tmp_path, monkeypatch) -> Settings:
    """Settings of an embedded installation, whatever the environment of the tests says."""
    for name in ("DATABASE_URL", "REDIS_URL", "REELROOM_DATABASE_URL", "REELROOM_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return Settings(data_folder=tmp_path / "data")


@pytest.mark.slow
def test_embedded_services_run_for_the_block_and_settings_point_at_them(embedded):
    get_settings.cache_clear()
    with installation.held(embedded, unheard) as found:
        pids = found.supervisor.pids
        assert set(pids) == {"postgres", "valkey"}
        assert get_settings().database_url == found.settings.database_url != ""
        assert get_settings().redis_url == found.settings.redis_url != ""
        with pytest.raises(Conflict, match="in use"), installation.held(embedded, unheard):
            pass
    assert "REELROOM_DATABASE_URL" not in os.environ
    assert not DataFolder(embedded.data_folder).is_held()


def test_external_services_start_nothing_and_touch_no_folder(tmp_path):
    settings = Settings(data_folder=tmp_path / "data", **EXTERNAL)
    with installation.reached(settings, unheard) as found:
        assert found.attached
        assert found.settings == settings
    assert not (tmp_path / "data").exists()


def test_a_running_up_is_attached_to_and_a_dead_one_is_not(embedded):
    folder = DataFolder(embedded.data_folder)
    folder.prepare()
    assert installation.kept_elsewhere(embedded) is None
    with folder.held():
        folder.publish(Running(os.getpid(), "http://127.0.0.1:8400", **EXTERNAL))
        assert folder.facts.stat().st_mode & 0o777 == 0o600
        found = installation.kept_elsewhere(embedded)
        assert found is not None
        assert (found.database_url, found.redis_url) == tuple(EXTERNAL.values())
    assert installation.kept_elsewhere(embedded) is None
    folder.publish(Running(os.getpid(), "http://127.0.0.1:8400", **EXTERNAL))  # as a killed `up` leaves it
    assert installation.kept_elsewhere(embedded) is None


def test_what_killed_workers_left_half_done_is_cleared(embedded):
    folder = DataFolder(embedded.data_folder)
    folder.prepare()
    (folder.path / "work" / "fetch-1").mkdir(parents=True)
    with folder.held():
        assert not (folder.path / "work").exists()


def test_a_folder_of_somebody_else_is_not_taken(tmp_path):
    (tmp_path / "letters.txt").write_text("dear …")
    with pytest.raises(Invalid, match="not a Reelroom data folder"):
        DataFolder(tmp_path).prepare()


def test_too_little_disk_is_said_with_how_much_is_needed(tmp_path):
    with pytest.raises(Invalid, match="999999999 are needed"):
        DataFolder(tmp_path / "data").prepare(needed_mb=999_999_999)


def test_a_half_made_cluster_is_not_started(tmp_path):
    (tmp_path / "postgres").mkdir()
    with pytest.raises(Conflict, match="not a whole PostgreSQL cluster"):
        Postgres(tmp_path).start()


@pytest.mark.slow
def test_a_cluster_begun_and_not_finished_is_begun_again(tmp_path):
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    server = Postgres(tmp_path, durable=False)
    server.start()
    try:
        assert server.create_database("made")
        assert not (tmp_path / "postgres.new").exists()
    finally:
        server.stop()


@pytest.mark.slow
def test_a_lock_file_that_names_a_stranger_does_not_keep_the_server_down(tmp_path):
    server = Postgres(tmp_path, durable=False)
    server.start()
    lock = tmp_path / "postgres" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")  # its number was given to somebody else
        server.start()
        server.stop()
        assert stranger.poll() is None


@pytest.mark.slow
def test_a_long_path_gets_its_socket_elsewhere(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    server = Postgres(folder, durable=False)
    assert not server.socket_folder.is_relative_to(folder)
    server.start()
    try:
        assert server.create_database("made")
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        server.socket_folder.rmdir()


def test_the_secret_is_made_once_and_kept_private(tmp_path, monkeypatch):
    monkeypatch.delenv("REELROOM_SECRET_KEY", raising=False)
    monkeypatch.delenv("REELROOM_ENVIRONMENT", raising=False)
    settings = Settings(data_folder=tmp_path)
    first = settings.signing_key
    assert len(first) >= 32
    assert Settings(data_folder=tmp_path).signing_key == first
    assert (Path(tmp_path) / "secret.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Invalid, match="Production needs"):
        _ = Settings(data_folder=tmp_path, environment="production").signing_key
