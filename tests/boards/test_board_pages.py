"""The board: what a director sees of an episode, filtered, paged and kept up to date."""

from __future__ import annotations

import re
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from app.boards.shot_board import cut


def names(text: str) -> list[str]:
    """Return the names of the cards, in order."""
    return re.findall(r'<span class="no"><span>(SH\w+)', text)


async def test_an_empty_episode_leads_to_the_script(browsers, world):
    page = await browsers("director").get(f"/projects/{world.project.id}/episodes/{world.episode.id}/board")
    assert page.status_code == 200
    assert "No shot yet" in page.text and "Go to the script" in page.text


async def test_shots_stand_under_their_scenes_with_what_can_be_done(browsers, shoot):
    page = await browsers("director").get(f"{shoot.episode}/board")
    assert names(page.text) == [shot.name for shot in await shoot.shots()]
    assert page.text.count("<section id=") == 2
    count = len(await shoot.shots())
    assert f"Generate {count} planned" in page.text and "free" in page.text
    viewer = await browsers("viewer").get(f"{shoot.episode}/board")
    assert viewer.status_code == 200
    assert "planned</span><small" not in viewer.text and "circle-newest" not in viewer.text


async def test_filters_show_one_state_and_count_all(browsers, shoot):
    first = await shoot.shot()
    await shoot.arrive(first)
    director = browsers("director")
    page = await director.get(f"{shoot.episode}/board?status=review")
    assert names(page.text) == [first.name]
    assert "1 to review" in page.text
    lines = await director.get(f"{shoot.episode}/board?status=review&view=list")
    assert "shot-row" in lines.text and first.name in lines.text
    nothing = await director.get(f"{shoot.episode}/board?status=circled")
    assert "No shot of this episode is in this state." in nothing.text


async def test_a_character_shows_where_they_appear(browsers, shoot):
    page = await browsers("director").get(f"{shoot.episode}/board?who=炎帝")
    shown = {shot.name for shot in await shoot.shots() if "炎帝" in shot.characters}
    assert set(names(page.text)) == shown


async def test_words_made_of_markup_are_only_words(browsers, shoot):
    shot = await shoot.shot()
    async with shoot.database.transaction() as session:
        row = await session.merge(shot)
        row.action, row.dialogue = "<script>alert(1)</script>", []
    for view in ("cards", "list"):
        page = await browsers("director").get(f"{shoot.episode}/board?view={view}")
        assert "<script>alert(1)" not in page.text and "&lt;script&gt;alert(1)" in page.text


async def test_more_is_loaded_behind_a_position(browsers, shoot):
    director = browsers("director")
    every = [shot.name for shot in await shoot.shots()]
    page = await director.get(f"{shoot.episode}/board?limit=1")
    found = re.search(r'hx-get="([^"]+after=[^"]+)"', page.text)
    assert found
    more = await director.get(found[1].replace("&amp;", "&"))
    assert names(page.text) + names(more.text) == every
    assert "<html" not in more.text


async def test_changed_cards_come_alone(browsers, shoot):
    first, second = (await shoot.shots())[:2]
    await shoot.arrive(first)
    answer = await browsers("director").get(f"{shoot.episode}/board/cards?ids={first.id},{uuid4()},nonsense")
    assert f'hx-target="#shot-{first.id}"' in answer.text
    assert "1 to review" in answer.text
    assert str(second.id) not in answer.text


async def test_the_price_of_free_takes_is_told(browsers, shoot):
    answer = await browsers("director").get(f"{shoot.episode}/board/price?shots={(await shoot.shot()).id}")
    assert answer.text.strip() == "free"


async def test_the_board_of_another_project_does_not_exist(browsers, shoot):
    assert (await browsers("stranger").get(f"{shoot.episode}/board")).status_code == 404
    assert (await browsers("director").get(f"{shoot.project}/episodes/{uuid4()}/board")).status_code == 404


@pytest.mark.parametrize(
    ("scenes", "size", "shown", "more"),
    [
        ("aabb", 4, 4, False),
        ("aabbcc", 3, 4, True),
        ("aabb", 3, 4, False),
        ("aaaaaa", 3, 3, True),
    ],
)
def test_a_page_ends_where_a_scene_does(scenes, size, shown, more):
    ids = {letter: UUID(int=number) for number, letter in enumerate(sorted(set(scenes)))}
    rows = [SimpleNamespace(scene_id=ids[letter], position=at) for at, letter in enumerate(scenes)]
    kept, following = cut(rows, size, len(rows) if scenes == "aaaaaa" else 10)
    assert len(kept) == shown
    assert (following is not None) is more
