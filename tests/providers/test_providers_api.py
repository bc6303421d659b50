"""The JSON API of backends does what the pages do, and holds no key either."""

from __future__ import annotations

PLACE = "/api/v1/installation/backends"
KEY = "sk-very-secret-key-0001"
ROW = {"like": "openai-shape", "price": {"currency": "USD", "per_second": "0.20"}}


def account(url: str) -> dict[str, object]:
    """Return an account for the server at ``url``."""
    return {
        "name": "studio", "kind": "openai_videos", "profile": "cloud", "base_url": f"{url}/v1", "api_key": KEY,
        "options": {"self_hosted": True}, "limits": {"concurrency": 3, "spend_per_day": "20.00"},
    }  # fmt: skip


async def test_a_backend_from_its_account_to_its_end(owner, videos):
    _fake, url = videos
    made = await owner.post(PLACE, json=account(url))
    assert made.status_code == 201 and made.json()["has_api_key"] and "models" in made.json()["problem"]
    added = await owner.post(f"{PLACE}/studio/models/video-1", json={"values": ROW})
    assert added.status_code == 201 and added.json()["problem"] == ""
    assert [model["origin"] for model in added.json()["models"]] == ["added"]
    tried = (await owner.post(f"{PLACE}/studio/test")).json()
    assert tried["check"]["passed"] is True
    off = await owner.patch(f"{PLACE}/studio/models/video-1", json={"enabled": False})
    assert "is disabled" in off.json()["models"][0]["why"]
    listed = (await owner.get(PLACE)).json()["items"]
    assert [one["name"] for one in listed] == ["animatic", "studio"]
    assert listed[1]["limits"] == {"concurrency": 3, "spend_per_day": "20.00"}
    assert (await owner.post(f"{PLACE}/studio/disable")).json()["enabled"] is False
    assert (await owner.delete(f"{PLACE}/studio")).status_code == 409
    for answer in (made, added, off, await owner.get(f"{PLACE}/studio")):
        assert KEY not in answer.text


async def test_a_key_that_is_left_out_is_kept_and_an_empty_one_forgotten(owner, studio, videos):
    given = account(videos[1])
    for name in ("name", "kind", "api_key"):
        del given[name]
    assert (await owner.put(f"{PLACE}/studio", json=given)).json()["has_api_key"] is True
    assert (await owner.put(f"{PLACE}/studio", json={**given, "api_key": ""})).json()["has_api_key"] is False


async def test_wrong_input_names_its_field_and_never_the_key(owner, videos):
    answer = await owner.post(PLACE, json={**account(videos[1]), "api_key": "sk-one\nsk-two"})
    assert answer.status_code == 422 and answer.json()["details"] == {"field": "api_key"}
    assert "sk-one" not in answer.text
    answer = await owner.post(PLACE, json={**account(videos[1]), "api_key": ["sk-three"]})
    assert answer.status_code == 422 and "sk-three" not in answer.text


async def test_a_nonsense_row_names_each_field(owner, studio):
    values = {"durations": [-4], "price": {"currency": "USD", "per_second": "cheap"}, "colour": "red", "tasks": "t2v"}
    answer = await owner.patch(f"{PLACE}/studio/models/video-1", json={"values": values})
    assert answer.status_code == 422
    assert {"price.per_second", "colour", "tasks"} <= set(answer.json()["details"]["fields"])


async def test_rows_of_an_adapter_without_a_catalogue_cannot_be_changed(owner):
    answer = await owner.patch(f"{PLACE}/animatic/models/animatic-1", json={"values": {"prompt_max": 5}})
    assert answer.status_code == 409 and answer.json()["code"] == "providers.fixed_models"
