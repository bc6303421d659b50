"""Where providers announce that work has ended; the address is the secret, and the adapter checks the signature."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from app.accounts.access import SignedLink
from app.backends.base import Delivery
from app.core.errors import Invalid
from app.core.i18n import _
from app.jobs import deliveries
from app.web.csrf import WEBHOOKS

router = APIRouter(prefix=WEBHOOKS.rstrip("/"), dependencies=[Depends(SignedLink())])
LARGEST = 1_000_000


async def _delivery(request: Request) -> Delivery:
    """Return the request as it came; raise ``Invalid`` for one that is larger than any provider's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Invalid("webhooks.too_large", _("A delivery has at most a million bytes."))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Delivery(request.url.path, request.url.query, headers, bytes(body), request.method)


Arrived = Annotated[Delivery, Depends(_delivery)]


@router.post("/attempts/{attempt_id}/{token}")
async def of_attempt(request: Request, attempt_id: UUID, token: str, delivery: Arrived) -> Response:
    """Take what a provider announces about one attempt."""
    state = request.app.state
    return JSONResponse(dict(await deliveries.to_attempt(state.database, state.registry, attempt_id, token, delivery)))


@router.post("/accounts/{backend}/{token}")
async def of_account(request: Request, backend: str, token: str, delivery: Arrived) -> Response:
    """Take what a provider announces at the one address of an account."""
    state = request.app.state
    return JSONResponse(dict(await deliveries.to_account(state.database, state.registry, backend, token, delivery)))
