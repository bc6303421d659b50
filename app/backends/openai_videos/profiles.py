"""What differs between the servers that speak ``/v1/videos`` (source: the fact sheets, international §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.backends.base import Phase
from app.backends.capabilities import Cancel, ModelCaps, Recover, Task
from app.backends.catalogue import CatalogueRow

STATUSES: Mapping[str, Phase] = {
    "queued": Phase.QUEUED,
    "in_progress": Phase.RUNNING,
    "completed": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
RESELLER_STATUSES: Mapping[str, Phase] = {
    "pending": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "succeeded": Phase.SUCCEEDED,
    "success": Phase.SUCCEEDED,
    "error": Phase.FAILED,
    "cancelled": Phase.CANCELLED,
}
SAMPLING = frozenset({"fps", "num_frames", "num_inference_steps", "guidance_scale", "guidance_scale_2", "flow_shift"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between the servers that speak the dialect.

    ``own_machines``: nobody is paid, so a lost create may be sent again. ``self_hosted``: its address may be private.
    """

    own_machines: bool
    self_hosted: bool
    multipart: bool = False
    failed_is_http_error: bool = False
    restart_loses_jobs: bool = False
    echoes_model: bool = True
    fits_first_frame: bool = False
    signals_sound: bool = False
    webhook: bool = False
    cancel: Cancel = Cancel.NONE
    statuses: Mapping[str, Phase] = field(default_factory=lambda: STATUSES)
    extras: frozenset[str] = frozenset()
    asset_fields: Mapping[str, str] = field(default_factory=lambda: {"first": "input_reference"})


PROFILES: Mapping[str, Profile] = {
    "cloud": Profile(
        own_machines=False,
        self_hosted=False,
        fits_first_frame=True,
        webhook=True,
        statuses={**STATUSES, **RESELLER_STATUSES},
    ),
    "vllm": Profile(
        own_machines=True,
        self_hosted=True,
        multipart=True,
        failed_is_http_error=True,
        restart_loses_jobs=True,
        signals_sound=True,
        cancel=Cancel.STOP,
        extras=SAMPLING | {"true_cfg_scale", "boundary_ratio"},
        asset_fields={"first": "input_reference", "reference": "input_references"},
    ),
    "sglang": Profile(
        own_machines=True,
        self_hosted=True,
        multipart=True,
        restart_loses_jobs=True,
        statuses={**STATUSES, "deleted": Phase.CANCELLED},
        extras=SAMPLING | {"true_cfg_scale", "enable_teacache"},
        asset_fields={"first": "input_reference", "reference": "input_reference", "motion": "video_reference"},
    ),
    "litellm": Profile(
        own_machines=False,
        self_hosted=True,
        echoes_model=False,
        statuses={**STATUSES, **RESELLER_STATUSES},
    ),
}


def served_caps(row: CatalogueRow, profile: Profile, *, webhook: bool) -> ModelCaps:
    """Return a row's capabilities with what the server, not the model, decides."""
    possible = {Task.TEXT, Task.FIRST_FRAME}
    if "reference" in profile.asset_fields:
        possible.add(Task.PERFORMANCE if "motion" in profile.asset_fields else Task.REFERENCES)
    return replace(
        row.caps,
        tasks=row.caps.tasks & possible,
        cancel=profile.cancel,
        recover=Recover.LIST,
        progress=True,
        webhook=profile.webhook and webhook,
        free=profile.own_machines and row.price is None,
        resubmit_safe=profile.own_machines,
        charges_refusals=False if profile.own_machines else row.caps.charges_refusals,
    )
