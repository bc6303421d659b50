"""Real stores for the media tests (a folder, and an S3 server that checks signatures) and real clips."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clips import Clips

from app.media.local import LocalStorage
from app.media.storage import Storage, open_storage

BUCKET = "reelroom-test"


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run nanio with one bucket, on a port it chooses, with its credentials where an operator puts them."""
    data = tmp_path_factory.mktemp("nanio")
    (data / BUCKET).mkdir()
    command = [sys.executable, "-m", "uvicorn", "--factory", "nanio.app:build_app", "--port", "0", "--no-access-log"]
    environment = os.environ | {
        "NANIO_ACCESS_KEY": "reelroom",
        "NANIO_SECRET_KEY": "test-secret-key",
        "NANIO_DATA_DIR": str(data),
    }
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        said = next(found for line in server.stderr if (found := re.search(r"running on (http://[\d.]+:\d+)", line)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", "reelroom")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
            yield said[1]
    finally:
        server.terminate()
        server.communicate()


@pytest.fixture
def folder_store(tmp_path: Path) -> LocalStorage:
    """Return an empty store in a folder that does not exist yet."""
    return LocalStorage(tmp_path / "media")


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Return an empty store of each kind in turn."""
    if request.param == "folder":
        return open_storage((tmp_path / "media with spaces").as_uri())
    endpoint = request.getfixturevalue("s3_endpoint")
    prefix = re.sub(r"[^a-z0-9]+", "-", tmp_path.name.lower())
    return open_storage(f"s3://{BUCKET}/tests/{prefix}?endpoint={endpoint}&region=us-east-1")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Return the maker of clips: call it with a name."""
    return Clips(tmp_path_factory.mktemp("clips"))
