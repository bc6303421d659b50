"""`reelroom fakes`: what it prints and exports configures backends that generate."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.backends.base import GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.registry import Registry, parse_configs
from app.backends.testing.contract import FakeControl
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.core.frames import FrameRate

PATIENCE = 60


@contextmanager
def faking(*words: str) -> Iterator[list[str]]:
    """Run the command, and give the lines it prints until it waits for Ctrl-C."""
    command = [sys.executable, "-m", "app.cli.main", "fakes", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line.rstrip())
                if "Ctrl-C" in line:
                    break
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            said.append(process.communicate(timeout=PATIENCE)[0])


@pytest.mark.slow
async def test_two_fakes_are_configured_by_what_was_exported(tmp_path: Path) -> None:
    exported = tmp_path / "backends.toml"
    with faking("fake_paid", "zhipu", "--frozen", "--export", str(exported)) as said:
        assert [line.split()[0] for line in said[:2]] == ["fake_paid", "zhipu"]
        table = exported.read_text()
        assert table in "\n".join(said)
        registry = Registry.load(parse_configs(table))
        assert {"fake_paid", "zhipu"} <= set(registry.names())
        backend = registry.get("fake_paid")
        request = GenRequest(Task.TEXT, "paid-fast", "A lighthouse.", 48, FrameRate(24), width=180, height=320)
        handle = await backend.submit(request, context_for(backend, request))
        FakeControl(said[0].split()[-1]).advance(60)
        state = await backend.poll(handle)
        assert state.phase is Phase.SUCCEEDED
        sink = sink_in(tmp_path)
        check_artifact(await backend.fetch(handle, state.outputs[0], sink), sink)
        await registry.aclose()
    assert said[-1] == ""


def test_a_fake_that_is_not_there_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "fakes", "nobody"],
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "There is no fake 'nobody'; there are: ark, " in done.stderr
