"""Prometheus metrics of this process."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("reelroom_requests_total", "HTTP requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("reelroom_request_seconds", "Time to answer an HTTP request.", ["route"])
ATTEMPTS = Counter("reelroom_attempts_total", "Attempts that ended, by backend and state.", ["backend", "state"])
SWEEP_SECONDS = Histogram("reelroom_sweep_seconds", "Time of one sweep.")
POLL_LATENESS = Histogram(
    "reelroom_poll_lateness_seconds",
    "How long after it fell due a generation was asked about.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120),
)
OPEN_JOBS = Gauge("reelroom_open_jobs", "Jobs that wait or run, by state.", ["state"])
EXPORTS = Counter("reelroom_exports_total", "Exports that ended, by state.", ["state"])
ROOMS = Gauge("reelroom_rooms", "Collaborative texts held in memory.")
ROOM_CLIENTS = Gauge("reelroom_room_clients", "Sockets in a room.")
ROOM_CHANGES = Counter("reelroom_room_changes_total", "Changes of collaborative texts stored.")
