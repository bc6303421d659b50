"""The reader's language: cookie, account, browser, English."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from httpx import AsyncClient

from app.core.i18n import current_locale
from app.web.i18n import adopt, negotiate


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.3", "zh"),
        ("fr-FR", "en"),
        ("zh;q=0, en", "en"),
        ("en;q=0.2, zh-Hant;q=0.7", "zh"),
        (";;;q=x,,zh;q=high", "en"),
    ],
)
def test_the_browser_is_heard(header: str, locale: str) -> None:
    assert negotiate(header) == locale


@pytest.fixture
def speaking_site(site: FastAPI) -> FastAPI:
    """The site with a page that says which language it speaks."""

    @site.get("/speaks")
    async def speaks(request: Request, account: str | None = None) -> dict[str, str]:
        adopt(request, account)
        return {"locale": current_locale()}

    return site


async def test_cookie_before_account_before_browser(speaking_site: FastAPI, client: AsyncClient) -> None:
    assert speaking_site.router.routes
    heard = await client.get("/speaks", headers={"Accept-Language": "zh"})
    assert heard.json() == {"locale": "zh"}
    account = await client.get("/speaks?account=en", headers={"Accept-Language": "zh"})
    assert account.json() == {"locale": "en"}
    client.cookies.set("reelroom_locale", "zh")
    cookie = await client.get("/speaks?account=en")
    assert cookie.json() == {"locale": "zh"}
    client.cookies.set("reelroom_locale", "klingon")
    nonsense = await client.get("/speaks?account=zh")
    assert nonsense.json() == {"locale": "zh"}
    assert current_locale() == "en"


async def test_a_choice_is_kept_and_leads_back(client: AsyncClient) -> None:
    answer = await client.post("/preferences", data={"locale": "zh", "next": "/dev/gallery"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dev/gallery")
    page = await client.get("/dev/gallery")
    assert '<html lang="zh-Hans" data-theme="dark"' in page.text
    await client.post("/preferences", data={"theme": "light"})
    assert 'data-theme="light"' in (await client.get("/dev/gallery")).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""])
async def test_a_choice_leads_nowhere_else(client: AsyncClient, elsewhere: str) -> None:
    answer = await client.post("/preferences", data={"theme": "light", "next": elsewhere})
    assert answer.headers["location"] == "/"


async def test_nonsense_is_not_kept(client: AsyncClient) -> None:
    answer = await client.post("/preferences", data={"theme": "pink", "locale": "xx"})
    assert "set-cookie" not in answer.headers


async def test_javascript_has_its_words(client: AsyncClient) -> None:
    answer = await client.get("/locale/zh.json")
    assert answer.json()["Copied"] == "已复制"
    assert (await client.get("/locale/fr.json")).status_code == 404
