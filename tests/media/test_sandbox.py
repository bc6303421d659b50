"""The sandbox: what a hostile file can cost is bounded, and it learns nothing of ours."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.media.sandbox import Finished, Limits, run

MEGA = 1024 * 1024
ROOM = Limits(cpu_seconds=10, memory_bytes=512 * MEGA, file_bytes=MEGA, wall_seconds=60)


async def python(code: str, limits: Limits = ROOM) -> Finished:
    """Run a line of Python in the sandbox."""
    return await run([sys.executable, "-I", "-S", "-c", code], limits)


async def test_a_tool_answers_with_output_errors_and_code() -> None:
    done = await python("import sys; print('found'); print('hm', file=sys.stderr); sys.exit(3)")
    assert (done.code, done.output, done.errors, done.out_of_time) == (3, b"found\n", "hm", False)


async def test_a_crash_of_the_tool_is_only_its_own() -> None:
    done = await python("import os; os.abort()")
    assert done.code == -signal.SIGABRT
    assert not done.out_of_time


async def test_our_secrets_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://reelroom:password@db/reelroom")
    done = await python("import json, os; print(json.dumps(dict(os.environ)))")
    passed_on = {"PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT"}
    assert set(json.loads(done.output)) <= passed_on | {"LANG", "LC_CTYPE", "MALLOC_ARENA_MAX"}


async def test_it_cannot_take_all_memory() -> None:
    done = await python("b = bytearray(1024 * 1024 * 1024)")
    assert done.code == 1
    assert "MemoryError" in done.errors


async def test_it_cannot_fill_the_disk(tmp_path: Path) -> None:
    target = tmp_path / "bomb"
    done = await python(f"f = open({str(target)!r}, 'wb', 0)\nwhile True: f.write(bytes(65536))")
    assert done.code != 0
    assert target.stat().st_size <= MEGA


async def test_it_cannot_compute_for_ever() -> None:
    done = await python("while True: pass", Limits(1, 512 * MEGA, 0, 60))
    assert done.code == -signal.SIGXCPU
    assert done.out_of_time


async def test_it_cannot_wait_for_ever() -> None:
    done = await python("import signal; signal.pause()", Limits(10, 512 * MEGA, 0, 0.3))
    assert done.timed_out
    assert done.out_of_time


async def test_what_it_says_without_end_is_cut_to_the_last() -> None:
    done = await python("import sys\nfor n in range(9000): sys.stderr.write('warning %d\\n' % n)")
    assert done.errors.endswith("warning 8999")
    assert len(done.errors) <= 16 * 1024


WAITING = "import signal; f = open({fifo!r}, 'wb', 0); f.write(b'up'); signal.pause()"


def ended(reader: int) -> bool:
    """Tell whether whoever held the other end of a pipe is gone, waiting for it up to half a minute."""
    readable, _, _ = select.select([reader], [], [], 30)
    return bool(readable) and os.read(reader, 1) == b""


async def test_a_cancelled_task_takes_its_tool_along(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    task = asyncio.create_task(python(WAITING.format(fifo=str(fifo))))
    reader = await asyncio.to_thread(os.open, fifo, os.O_RDONLY)
    try:
        assert await asyncio.to_thread(os.read, reader, 2) == b"up"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended, reader)
    finally:
        os.close(reader)


def test_a_killed_worker_leaves_no_tool_behind(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-I", "-S", "-c", WAITING.format(fifo=str(fifo))]
    program = (
        "import asyncio\nfrom app.media.sandbox import Limits, run\n"
        f"asyncio.run(run({command!r}, Limits(10, {512 * MEGA}, 0, 60)))"
    )
    worker = subprocess.Popen([sys.executable, "-c", program])
    reader = os.open(fifo, os.O_RDONLY)
    try:
        assert os.read(reader, 2) == b"up"
        worker.kill()
        worker.wait()
        assert ended(reader)
    finally:
        os.close(reader)
