"""One file may hold a whole project: it is split at its episodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.scripts.formats.episodes import split_episodes

SAMPLES = Path(__file__).parents[2] / "samples"


def test_a_chinese_season_is_split_and_its_front_is_read() -> None:
    project = split_episodes((SAMPLES / "mountains-and-seas-e01-05.zh.txt").read_text())
    assert (project.title, project.language, project.style) == ("点睛", "zh", "古风奇幻")
    assert project.logline.startswith("烛龙闭眼，天下长夜。")
    assert [(episode.number, episode.title) for episode in project.episodes] == [
        (1, "长夜"), (2, "邓林"), (3, "青丘"), (4, "无首"), (5, "点睛"),
    ]  # fmt: skip
    assert [name for name, _ in project.characters] == [
        "阿砚",
        "季渡",
        "苏衣",
        "姬玄",
        "精卫",
        "夸父",
        "九尾狐",
        "刑天",
        "烛龙",
    ]
    assert dict(project.characters)["夸父"].startswith("巨人")
    assert project.episodes[1].text.startswith("第2集 邓林\n")
    assert project.episodes[1].text.endswith("【字幕：未完待续】\n")


def test_a_fountain_season_is_split_at_its_sections() -> None:
    project = split_episodes((SAMPLES / "second-signature-e01-03.fountain").read_text())
    assert (project.title, project.language) == ("SECOND SIGNATURE", "en")
    assert [episode.number for episode in project.episodes] == [1, 2, 3]
    assert project.episodes[2].text.startswith("# Episode 3\n")
    assert "INT. QUILL PAPER RESTORATION - BACK STAIRS" in project.episodes[2].text


def test_the_only_episode_of_a_file_keeps_the_whole_file() -> None:
    text = (SAMPLES / "jingwei-e01.zh.txt").read_text()
    (episode,) = split_episodes(text).episodes
    assert (episode.number, episode.text) == (1, text)


@pytest.mark.parametrize(
    ("text", "number", "title"),
    [
        ("剧名：甲\n集数：第7集\n\n1-1 日 内 客厅\n△ 风声。", 7, ""),
        ("Title: A\nEpisode: 12\n\nINT. HOUSE - DAY\n\nWind.", 12, ""),
        ("第十二集：对赌\n1-1 日 内 客厅\n△ 风声。", 12, "对赌"),
        ("# Episode 4: The Tide\n\nINT. HOUSE - DAY\n\nWind.", 4, "The Tide"),
        ("INT. HOUSE - DAY\n\nWind.", 1, ""),
    ],
)
def test_the_number_of_a_single_episode_is_found(text: str, number: int, title: str) -> None:
    (episode,) = split_episodes(text).episodes
    assert (episode.number, episode.title) == (number, title)


def test_an_outline_by_episodes_makes_no_episodes() -> None:
    outline = "分集大纲\n第1集：她回来\n第2集：她走了\n\n"
    text = outline + "第1集：她回来\n1-1 日 内 客厅\n△ 风声。\n第2集：她走了\n2-1 日 内 客厅\n△ 雨声。"
    assert [(episode.number, episode.title) for episode in split_episodes(text).episodes] == [
        (1, "她回来"),
        (2, "她走了"),
    ]


def test_no_two_episodes_have_one_number() -> None:
    text = "第1集\n1-1 日 内 客厅\n△ 风声。\n第1集\n1-1 日 内 后院\n△ 雨声。"
    assert [episode.number for episode in split_episodes(text).episodes] == [1, 2]


@pytest.mark.parametrize("text", ["Just some prose.", "", "Title: A\n\nBANG", "剧名：甲\n第1集\n"])
def test_a_text_without_a_scene_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        split_episodes(text)
    assert refused.value.code == "script.no_scene"
    assert "INT. KITCHEN - DAY" in refused.value.message
