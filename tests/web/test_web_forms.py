"""A form becomes a model, or a message per field in the reader's language."""

from __future__ import annotations

import pytest
from httpx import AsyncClient
from pydantic import BaseModel, Field, field_validator

from app.core.errors import Conflict, Invalid
from app.web.forms import Form, blank_form


async def test_urlencoded_and_multipart_become_the_same_model(client: AsyncClient) -> None:
    fields = {"title": "精卫", "rate": "24", "tags": ["myth", "sea"], "note": ""}
    expected = {"title": "精卫", "rate": 24, "tags": ["myth", "sea"], "note": None}
    plain = await client.post("/form", data=fields)
    assert plain.json() == {**expected, "file": None}
    parts = await client.post("/form", data=fields, files={"script": ("e01.txt", b"text")})
    assert parts.json() == {**expected, "file": "e01.txt"}


async def test_a_file_that_was_not_chosen_is_none(client: AsyncClient) -> None:
    answer = await client.post("/form", data={"title": "ab", "rate": "24"}, files={"script": ("", b"")})
    assert answer.json()["file"] is None


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"other": ""}, {"title": "Fill this in.", "rate": "Fill this in."}),
        ({"title": "", "rate": "24"}, {"title": "Fill this in."}),
        (
            {"title": "x", "rate": "0"},
            {"title": "At least 2 characters.", "rate": "This is too small: the least is 1."},
        ),
        (
            {"title": "x" * 21, "rate": "999"},
            {"title": "At most 20 characters.", "rate": "This is too large: the most is 120."},
        ),
        ({"title": "ok", "rate": "many"}, {"rate": "A number is needed here."}),
    ],
)
async def test_each_wrong_field_has_its_sentence(
    client: AsyncClient, fields: dict[str, str], errors: dict[str, str]
) -> None:
    answer = await client.post("/form", data=fields)
    assert answer.status_code == 422
    assert answer.json()["errors"] == errors


async def test_sentences_are_in_the_language_of_the_reader(client: AsyncClient) -> None:
    answer = await client.post("/form", data={"title": "x", "rate": "24"}, headers={"Accept-Language": "zh"})
    assert answer.json()["errors"] == {"title": "至少 2 个字符。"}


async def test_what_is_no_form_is_refused(client: AsyncClient) -> None:
    answer = await client.post("/form", json={"title": "ab"}, headers={"Accept": "application/json"})
    assert answer.json()["code"] == "web.not_a_form"


async def test_a_broken_multipart_body_is_the_senders_fault(client: AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data", "Accept": "application/json"}
    answer = await client.post("/form", content=b"--x\r\nrubbish", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "web.broken_form")


class Named(BaseModel):
    """A model with a rule of its own."""

    name: str = Field(max_length=40)

    @field_validator("name")
    @classmethod
    def not_a_path(cls, value: str) -> str:
        """Refuse a slash."""
        if "/" in value:
            raise ValueError("A name has no slash in it.")
        return value


def test_a_form_shown_for_the_first_time_holds_what_it_is_given() -> None:
    form = blank_form({"title": "精卫", "rate": 24, "label": True, "tags": ["a", "b"], "note": None})
    assert (form.text("title"), form.text("rate"), form.text("note")) == ("精卫", "24", "")
    assert form.texts("tags") == ["a", "b"]
    assert form.texts("label") == ["true"]
    assert not form.ok


def test_what_a_service_finds_wrong_is_shown_too() -> None:
    form: Form[Named] = Form({"name": ["x"]}, Named(name="x"))
    assert form.ok
    form.fail(Conflict("projects.taken", "This name is taken: choose another."), "name")
    assert form.errors == {"name": "This name is taken: choose another."}
    with pytest.raises(Invalid):
        _ = form.value
    assert not Form({}, Named(name="x")).fail("The script is locked.").ok
