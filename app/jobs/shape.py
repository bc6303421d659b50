"""Whether what came is what was ordered: its shape, its size and its length, within stated tolerances. Pure."""

from __future__ import annotations

from app.backends.base import GenRequest
from app.backends.capabilities import ModelCaps, Task
from app.backends.fit import fit_duration, fit_frame
from app.core.errors import Invalid
from app.core.i18n import _
from app.takes.schemas import Intake

SHAPE = 0.06
"""How far the ratio of width to height may be off: models make multiples of 8 or 16 pixels."""

SMALLEST = 0.5
"""The least share of the ordered short side: some models make less and say so only in the result."""

SHORTER, LONGER = (0.5, 0.10), (2.0, 0.25)
"""Seconds, and a share of the ordered length besides, that a result may be shorter or longer."""

DRIVEN = frozenset({Task.PERFORMANCE, Task.AUDIO, Task.EXTEND})
"""Tasks whose result is as long as its clip or its recording, and not as long as the shot."""


def check(request: GenRequest, caps: ModelCaps, came: Intake) -> None:
    """Raise ``Invalid`` with both sizes or lengths when a result is not what was ordered."""
    frame = fit_frame(caps, request.width, request.height)
    ordered, made = frame.width / frame.height, came.width / came.height
    small = min(came.width, came.height) < SMALLEST * min(frame.width, frame.height)
    facts = {"made": f"{came.width}x{came.height}", "ordered": f"{frame.width}x{frame.height}"}
    if abs(made / ordered - 1) > SHAPE or small:
        raise Invalid("jobs.wrong_shape", _("It is %(made)s, and %(ordered)s was ordered.") % facts)
    if request.task in DRIVEN:
        return
    seconds, wanted = float(came.rate.seconds(came.frames)), fit_duration(caps, request.duration_s)
    least, most = wanted * (1 - SHORTER[1]) - SHORTER[0], wanted * (1 + LONGER[1]) + LONGER[0]
    if not least <= seconds <= most:
        words = _("It is %(made)s s long, and %(ordered)s s were ordered.")
        raise Invalid("jobs.wrong_length", words % {"made": f"{seconds:.1f}", "ordered": f"{wanted:g}"})
