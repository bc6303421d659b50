"""The OpenAPI document: what FastAPI finds, with our problems, our ways to sign in, and summaries from docstrings."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.web.api import Problem

METHODS = ("get", "put", "post", "patch", "delete")
REFUSED = {
    "description": "Refused: a problem with a stable code.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(app: FastAPI) -> None:
    """Let ``app`` describe its API as it really answers; call it once, after its routes were included."""
    found = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(found())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to extend it


def _finished(document: dict[str, Any]) -> dict[str, Any]:
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "An API token."}}
    for path, item in document["paths"].items():
        if path.startswith("/api/"):
            for method in METHODS:
                if method in item:
                    _finish(item[method])
    return document


def _finish(operation: dict[str, Any]) -> None:
    sentence, _stop, rest = operation.pop("description", operation["summary"]).partition(".\n")
    operation["summary"] = " ".join(sentence.split()).removesuffix(".")
    if rest.strip():
        operation["description"] = rest.strip()
    operation["security"] = [{"token": []}]
    operation["responses"].pop("422", None)
    operation["responses"]["4XX"] = REFUSED
