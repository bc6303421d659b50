"""The animatic as the jobs see it: one file, exact and the same each time; refusals and stops that leave nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
import pytest

from app.backends.animatic import AnimaticBackend
from app.backends.base import (
    CancelResult,
    CharacterLook,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    ShotFacts,
    Sink,
    SpokenLine,
    SubmitContext,
)
from app.backends.capabilities import Task
from app.backends.errors import BackendError, Kind
from app.core.frames import FrameRate
from app.core.money import Money

FACTS = ShotFacts(
    project="精卫",
    language="zh",
    episode="1",
    scene="1-1",
    shot="SH0030",
    interior="ext",
    place="东海之滨",
    time_of_day="日",
    size="MS",
    movement="push_in",
    characters=(CharacterLook("女娃", "十二岁的女孩"),),
    action="她赤脚站在浅水里。",
    dialogue=(SpokenLine("女娃", "爹，海的那一边有什么？", "仰头", voice_settings={"pitch": 80}),),
)
REQUEST = GenRequest(Task.TEXT, "animatic-1", "", 60, FrameRate(30), 216, 384, facts=FACTS)


@pytest.fixture
async def backend() -> AsyncIterator[AnimaticBackend]:
    made = AnimaticBackend()
    yield made
    await made.aclose()


async def submitted(backend: AnimaticBackend, request: GenRequest) -> Handle:
    handle = await backend.submit(request, SubmitContext(uuid4(), Money(0, "USD"), datetime.now(UTC)))
    return Handle.from_json(json.loads(json.dumps(handle.to_json())))


async def told(share: float) -> None:
    assert 0 <= share <= 1


async def fetched(backend: AnimaticBackend, request: GenRequest, path: Path) -> Path:
    handle = await submitted(backend, request)
    state = await backend.poll(handle)
    assert state.phase is Phase.SUCCEEDED
    artifact = await backend.fetch(handle, state.outputs[0], Sink(path, 50_000_000, told))
    assert artifact.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert artifact.size == path.stat().st_size
    return path


@pytest.mark.parametrize("rate", [FrameRate(25), FrameRate(24000, 1001)])
async def test_the_file_is_what_was_ordered(backend: AnimaticBackend, tmp_path: Path, rate: FrameRate) -> None:
    path = await fetched(backend, replace(REQUEST, rate=rate, duration_frames=37), tmp_path / "a.mp4")
    with av.open(str(path)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        frames = list(file.decode(video))
        assert len(frames) == 37
        assert [frame.time for frame in frames] == pytest.approx([float(rate.seconds(n)) for n in range(37)], abs=1e-3)
        assert (video.width, video.height, video.codec_context.name) == (216, 384, "h264")
        assert video.average_rate == rate.fraction
        assert (frames[0].color_primaries, frames[0].color_trc, frames[0].colorspace) == (1, 1, 1)
        assert (audio.rate, audio.channels, audio.codec_context.name) == (48_000, 2, "aac")
        assert abs(float(audio.duration * audio.time_base) - float(rate.seconds(37))) < 0.03
        speech = json.loads(file.metadata["reelroom_speech"])
    assert [(line["line"], line["speaker"]) for line in speech] == [(0, "女娃")]
    assert 0 < speech[0]["start"] < speech[0]["end"] <= float(rate.seconds(37)) + Fraction(1, 1000)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


async def test_the_same_order_gives_the_same_bytes_and_another_seed_another_picture(
    backend: AnimaticBackend, tmp_path: Path
) -> None:
    other = AnimaticBackend()
    try:
        one = await fetched(backend, REQUEST, tmp_path / "1.mp4")
        two = await fetched(other, REQUEST, tmp_path / "2.mp4")
        three = await fetched(other, replace(REQUEST, seed=99), tmp_path / "3.mp4")
    finally:
        await other.aclose()
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != three.read_bytes()


async def test_without_sound_there_is_no_sound_track(backend: AnimaticBackend, tmp_path: Path) -> None:
    path = await fetched(backend, replace(REQUEST, sound=False), tmp_path / "a.mp4")
    with av.open(str(path)) as file:
        assert not file.streams.audio
        assert file.streams.video[0].frames == 60


async def test_it_is_free_and_there_is_nothing_to_cancel(backend: AnimaticBackend) -> None:
    cost = backend.estimate(REQUEST)
    assert cost.low == cost.high
    assert cost.high.micros == 0
    (caps,) = backend.models()
    assert caps.free
    assert caps.local
    assert await backend.cancel(await submitted(backend, REQUEST)) is CancelResult.CANCELLED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"width": 217}, "width"),
        ({"height": 5000}, "height"),
        ({"width": 8}, "width"),
        ({"duration_frames": 0}, "duration_frames"),
        ({"duration_frames": 30 * 61}, "duration_frames"),
        ({"model": "sora-2"}, "model"),
        ({"task": Task.FIRST_FRAME}, "task"),
    ],
)
async def test_what_cannot_be_drawn_is_refused(
    backend: AnimaticBackend, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(BackendError) as refused:
        await submitted(backend, replace(REQUEST, **changes))  # type: ignore[arg-type]
    assert refused.value.kind is Kind.INVALID
    assert refused.value.field == field
    assert refused.value.charged is False


async def test_a_handle_that_holds_no_shot_is_not_found(backend: AnimaticBackend) -> None:
    handle = replace(await submitted(backend, REQUEST), data={"facts": {}})
    with pytest.raises(BackendError) as missing:
        await backend.poll(handle)
    assert missing.value.kind is Kind.NOT_FOUND


async def test_progress_only_grows_and_ends_at_the_whole(backend: AnimaticBackend, tmp_path: Path) -> None:
    shares: list[float] = []

    async def progress(share: float) -> None:
        shares.append(share)

    handle = await submitted(backend, REQUEST)
    await backend.fetch(handle, OutputRef(), Sink(tmp_path / "a.mp4", 50_000_000, progress))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len(shares) > 5


async def test_a_sink_that_calls_it_off_leaves_nothing(backend: AnimaticBackend, tmp_path: Path) -> None:
    async def progress(share: float) -> None:
        if share > 0.3:
            raise asyncio.CancelledError

    handle = await submitted(backend, REQUEST)
    with pytest.raises(asyncio.CancelledError):
        await backend.fetch(handle, OutputRef(), Sink(tmp_path / "a.mp4", 50_000_000, progress))
    assert list(tmp_path.iterdir()) == []


async def test_a_cancelled_task_stops_between_two_frames_and_leaves_nothing(
    backend: AnimaticBackend, tmp_path: Path
) -> None:
    started, shares = asyncio.Event(), []

    async def progress(share: float) -> None:
        shares.append(share)
        if share > 0.1:
            started.set()

    long = replace(REQUEST, duration_frames=1500)
    sink = Sink(tmp_path / "a.mp4", 50_000_000, progress)
    task = asyncio.create_task(backend.fetch(await submitted(backend, long), OutputRef(), sink))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert max(shares) < 0.9
    assert list(tmp_path.iterdir()) == []


async def test_too_many_bytes_are_not_kept(backend: AnimaticBackend, tmp_path: Path) -> None:
    handle = await submitted(backend, REQUEST)
    with pytest.raises(BackendError) as failed:
        await backend.fetch(handle, OutputRef(), Sink(tmp_path / "a.mp4", 1000, told))
    assert failed.value.kind is Kind.PERMANENT
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_says_so(backend: AnimaticBackend, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.symlink_to("/dev/full")
    handle = await submitted(backend, REQUEST)
    with pytest.raises(BackendError, match="disk is full") as failed:
        await backend.fetch(handle, OutputRef(), Sink(path, 50_000_000, told))
    assert failed.value.kind is Kind.TRANSIENT


async def test_a_folder_that_is_gone_is_a_clear_failure(backend: AnimaticBackend, tmp_path: Path) -> None:
    handle = await submitted(backend, REQUEST)
    with pytest.raises(BackendError, match="could not be written"):
        await backend.fetch(handle, OutputRef(), Sink(tmp_path / "gone" / "a.mp4", 50_000_000, told))


async def test_hostile_words_are_only_words(backend: AnimaticBackend, tmp_path: Path) -> None:
    name = "<script>alert(1)</script>\u202e\x07{}%s"
    facts = replace(
        FACTS,
        characters=(CharacterLook(name),),
        place="../../etc/passwd",
        action="𠀀🙂" * 300,
        dialogue=(SpokenLine(name, "😀 [[reset]] \x00 <b>" * 20, name, name),),
        card="\n" * 50,
        size="no such size",
        movement="no such movement",
        angle="",
    )
    await fetched(backend, replace(REQUEST, facts=facts, duration_frames=30), tmp_path / "a.mp4")
