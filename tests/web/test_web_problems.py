"""An error has one meaning and three shapes: problem+json, a notice, a page."""

from __future__ import annotations

import pytest
from httpx import AsyncClient
from web_site import ERRORS

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/projects/7/board?scene=2"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("name", sorted(ERRORS))
async def test_programs_get_problem_json(client: AsyncClient, name: str) -> None:
    answer = await client.get(f"/api/v1/errors/{name}")
    error = ERRORS[name]
    assert answer.status_code == error.status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:reelroom:problem:{error.code}"
    assert (body["code"], body["status"], body["detail"]) == (error.code, error.status, error.message)
    assert body["instance"] == f"/api/v1/errors/{name}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["details"] == error.details
    assert body["title"]


async def test_whoever_asks_for_json_gets_it_anywhere(client: AsyncClient) -> None:
    answer = await client.get("/errors/conflict", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
    both = await client.get("/errors/conflict", headers={"Accept": "text/html, application/json"})
    assert both.headers["content-type"].startswith("text/html")


async def test_people_get_a_page_with_what_why_next_and_a_way_back(client: AsyncClient) -> None:
    answer = await client.get("/errors/conflict", headers=PAGE)
    assert answer.status_code == 409
    assert "It changed meanwhile: reload." in answer.text
    assert "SH0010 has no take" in answer.text
    assert "SH0020 &lt;i&gt;" in answer.text
    assert 'href="/"' in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_htmx_gets_a_notice_and_its_target_is_left_alone(client: AsyncClient) -> None:
    answer = await client.get("/errors/missing", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["hx-retarget"] == "#notices"
    assert answer.headers["hx-reswap"] == "innerHTML"
    assert "<html" not in answer.text
    assert "There is no such shot &lt;b&gt;here&lt;/b&gt;" in answer.text


async def test_strangers_are_led_to_the_door_and_back(client: AsyncClient) -> None:
    page = await client.get("/errors/stranger?tab=notes", headers=PAGE)
    assert page.status_code == 303
    assert page.headers["location"] == "/sign-in?next=/errors/stranger%3Ftab%3Dnotes"
    fragment = await client.get("/errors/stranger", headers=HTMX)
    assert fragment.headers["hx-redirect"] == "/sign-in?next=/projects/7/board%3Fscene%3D2"
    form = await client.post("/errors/stranger", headers={**PAGE, "Referer": "http://testserver/projects/7/script"})
    assert form.headers["location"] == "/sign-in?next=/projects/7/script"
    program = await client.get("/api/v1/errors/stranger")
    assert program.status_code == 401
    assert program.headers["www-authenticate"] == "Bearer"


async def test_who_asks_too_often_is_told_how_long_to_wait(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/errors/often")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("headers", [PAGE, HTMX, {"Accept": "application/json"}])
async def test_what_nobody_expected_says_its_number_and_no_secret(client: AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/errors/boom", headers=headers)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "our fault" in answer.text


async def test_addresses_and_methods_that_do_not_exist(client: AsyncClient) -> None:
    missing = await client.get("/nowhere", headers=PAGE)
    assert missing.status_code == 404
    assert "There is no page at this address" in missing.text
    wrong = await client.delete("/echo", headers={"Accept": "application/json"})
    assert wrong.status_code == 405
    assert wrong.json()["code"] == "web.wrong_method"
    assert "GET" in wrong.headers["allow"] or "POST" in wrong.headers["allow"]


async def test_invalid_json_input_names_each_field(client: AsyncClient) -> None:
    answer = await client.post("/api/v1/items", json={"title": "x", "rate": "many"})
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "web.invalid_input"
    fields = {field["field"]: field["message"] for field in body["details"]["fields"]}
    assert fields == {"body.title": "At least 2 characters.", "body.rate": "A number is needed here."}
    broken = await client.post("/api/v1/items", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 422


async def test_errors_are_told_in_the_language_of_the_reader(client: AsyncClient) -> None:
    english = await client.get("/nowhere", headers={"Accept": "application/json"})
    chinese = await client.get("/nowhere", headers={"Accept": "application/json", "Accept-Language": "zh-CN"})
    assert english.json()["title"] != chinese.json()["title"]
    assert english.json()["code"] == chinese.json()["code"]
