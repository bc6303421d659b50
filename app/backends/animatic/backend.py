"""The animatic as a backend: free, on this machine, and the same picture each time it is asked."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from app.backends.animatic.order import Order
from app.backends.base import (
    Artifact,
    CancelResult,
    Cost,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
)
from app.backends.capabilities import Cancel, ModelCaps, Task
from app.backends.errors import BackendError, Kind
from app.core.i18n import _
from app.core.money import Money
from app.media.speech import EspeakSpeech, Speech, SpeechError

MODEL = "animatic-1"
LONGEST_S = 60
SHORTEST_S = 1
SMALLEST, LARGEST = 64, 4096
TELL_EVERY = 6  # frames between two words of progress


class RenderStopped(Exception):
    """The work was called off between two frames."""


class AnimaticBackend:
    """Draws a moving previsualisation of a shot: nothing is bought, nothing leaves the machine.

    ``submit`` only checks and writes down what to draw; ``fetch`` draws it.
    """

    name = "animatic"
    hosts: frozenset[str] = frozenset()

    def __init__(self, speech: Speech | None = None) -> None:
        self._speech: Speech = speech if speech is not None else EspeakSpeech()

    def models(self) -> tuple[ModelCaps, ...]:
        """Return the one model there is."""
        return (
            ModelCaps(
                model=MODEL,
                tasks=frozenset({Task.TEXT}),
                duration_range=(SHORTEST_S, LONGEST_S),
                any_frame=True,
                native_sound=True,
                lip_sync=True,
                seed=True,
                prompt_max=100_000,
                cancel=Cancel.STOP,
                progress=True,
                free=True,
                resubmit_safe=True,
                local=True,
                charges_refusals=False,
                poll_min_s=0.0,
                notes="Drawn from the shot's facts on this machine; the prompt itself is not read.",
            ),
        )

    def estimate(self, request: GenRequest) -> Cost:
        """Return nothing: it is free."""
        nothing = Money(0, "USD")
        return Cost(nothing, nothing, "free: drawn on this machine")

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Write down the whole shot in a handle; raise ``BackendError`` (INVALID) for what cannot be drawn."""
        _check(request)
        return Handle(
            backend=self.name,
            model=MODEL,
            remote_id=str(context.attempt_id),
            attempt_id=context.attempt_id,
            submitted_at=context.submitted_at,
            data=Order.of(request).to_json(),
        )

    async def poll(self, handle: Handle) -> RemoteState:
        """Return that the animatic is ready to be fetched: it is drawn then."""
        _order(handle)
        return RemoteState(Phase.SUCCEEDED, 1.0, (OutputRef(),), Money(0, "USD"), raw_status="ready to draw")

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Draw the shot into ``sink.path``; nothing is left there when it fails or is called off."""
        order = _order(handle)
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def tick(done: int) -> None:
            if stop.is_set():
                raise RenderStopped
            if done % TELL_EVERY == 0 or done == order.frames:
                told = asyncio.run_coroutine_threadsafe(_told(sink, done / order.frames), loop)
                if not told.result():
                    raise RenderStopped

        work = asyncio.ensure_future(asyncio.to_thread(_render, order, sink, self._speech, tick))
        try:
            return await asyncio.shield(work)
        except RenderStopped as stopped:
            raise asyncio.CancelledError from stopped
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({work})
            raise

    async def cancel(self, handle: Handle) -> CancelResult:
        """Return that it is cancelled: nothing runs but a fetch, and that stops when its sink says so."""
        return CancelResult.CANCELLED

    async def aclose(self) -> None:
        """End the scratch voice's process."""
        self._speech.close()


async def _told(sink: Sink, share: float) -> bool:
    """Tell the sink how far the work is; return whether it shall go on."""
    try:
        await sink.progress(share)
    except asyncio.CancelledError:
        return False
    return True


def _render(order: Order, sink: Sink, speech: Speech, tick: Callable[[int], None]) -> Artifact:
    """Draw, in a thread of its own, and say in the backends' own words what went wrong."""
    # these libraries weigh tens of megabytes: a process that only asks what there is never loads them
    import av

    from app.backends.animatic.render import render

    done = False
    try:
        render(order, sink.path, speech, tick)
        size = sink.path.stat().st_size
        if size > sink.max_bytes:
            raise BackendError(
                Kind.PERMANENT,
                _("The animatic takes %(size)d bytes, more than the %(most)d allowed: make the shot shorter.")
                % {"size": size, "most": sink.max_bytes},
            )
        artifact = Artifact(sink.path, size, _sha256(sink.path), "video/mp4")
        done = True
    except SpeechError as error:
        raise BackendError(Kind.TRANSIENT, str(error)) from error
    except OSError as error:  # av.FFmpegError is one too
        raise BackendError(Kind.TRANSIENT, _unwritten(error)) from error
    except av.FFmpegError as error:
        raise BackendError(Kind.PERMANENT, _("The animatic could not be encoded: %(why)s.") % {"why": error}) from error
    finally:
        if not done:
            sink.path.unlink(missing_ok=True)
    return artifact


def _unwritten(error: OSError) -> str:
    """Return why a file could not be written, and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full: the animatic could not be written. Free some space, then try again.")
    return _("The animatic could not be written: %(why)s.") % {"why": error.strerror or error}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(request: GenRequest) -> None:
    """Refuse what cannot be drawn."""
    seconds = request.duration_s
    if request.model != MODEL:
        raise _invalid("model", _("There is no model %(name)s here, only animatic-1.") % {"name": request.model})
    if request.task is not Task.TEXT:
        raise _invalid("task", _("An animatic is drawn from the shot alone: ask for it without pictures."))
    if request.duration_frames < 1 or not SHORTEST_S <= seconds <= LONGEST_S:
        raise _invalid(
            "duration_frames",
            _("An animatic lasts 1 to 60 seconds, not %(seconds).1f: change the shot's length.") % {"seconds": seconds},
        )
    for name, size in (("width", request.width), ("height", request.height)):
        if size % 2 or not SMALLEST <= size <= LARGEST:
            raise _invalid(
                name, _("A picture's sides are even and 64 to 4096 pixels long, not %(size)d.") % {"size": size}
            )


def _invalid(field: str, message: str) -> BackendError:
    return BackendError(Kind.INVALID, message, charged=False, field=field)


def _order(handle: Handle) -> Order:
    """Read a handle's order; raise ``BackendError`` (NOT_FOUND) when it holds none."""
    try:
        return Order.from_json(handle.data)
    except (KeyError, TypeError, ValueError) as error:
        raise BackendError(Kind.NOT_FOUND, _("This handle holds no shot to draw: submit the shot again.")) from error
