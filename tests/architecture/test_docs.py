"""The manual is true: its links lead somewhere, and what it says of commands, settings and states is in the code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.accounts.permissions import PERMISSIONS, Role
from app.cli.backend_pages import pages as backend_pages
from app.cli.docs import cli_page, problems_page, settings_page
from app.cli.main import COMMANDS, PASSING_ARGUMENTS_ON, application
from app.exports.models import Export
from app.jobs.states import FOLLOWS, JOB_AFTER, AttemptState, JobState
from app.scripts.formats import parse
from app.scripts.formats.ast import Dialect
from app.scripts.formats.episodes import split_episodes
from app.scripts.models import Proposal
from app.shots.status import Status
from app.web.catalogues import found as sentences_found
from app.web.status import status_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
GLOSSARY = (DOCS / "reference" / "glossary.md").read_text()
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.M | re.S)
SAID = re.compile(r"(?:python3 reel|(?<![\w/-])reelroom) ([a-z][^\n`|]*)")
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
ELSEWHERE = re.compile(r"/(?:home|root|work|Users|tmp|mnt)/\w|\.internal\.\w|(?:https?://)?\d+\.\d+\.\d+\.\d+:\d{4,5}")
OURS = "http://127.0.0.1:8400"


def name(page: Path) -> str:
    """Return a page's name for the report of a test."""
    return str(page.relative_to(ROOT))


def slugs(text: str) -> set[str]:
    """Return the anchors of a page's headings, as they are made on GitHub."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """Return the table below a heading: the cells of each row by its first, without its marks of code."""
    section = text.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in section.splitlines() if line[:1] == "|"
    ]
    return {row[0].strip("`"): row[1:] for row in cells[2:]}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    for link in LINK.findall(FENCE.sub("", text)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _hash, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in slugs(target.read_text()), link


def linked(page: Path) -> set[Path]:
    """Return the pages a page links to."""
    return {(page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(page.read_text())}


def test_every_page_can_be_reached_from_the_index() -> None:
    by_kind = DOCS / "reference" / "backends" / "README.md"
    found = linked(DOCS / "README.md") | {page for page in linked(by_kind) if page.parent == by_kind.parent}
    assert {name(page) for page in DOCS.rglob("*.md") if page != DOCS / "README.md"} == {name(page) for page in found}


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command a page says, with the page's name."""
    for page in PAGES:
        for block, inline in CODE.findall(page.read_text()):
            for said in SAID.findall(block or inline):
                yield said.partition("  ")[0].partition(" #")[0], name(page)


def options_of(command: Any) -> set[str]:
    """Return every option of a command."""
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def test_every_command_exists_with_its_options() -> None:
    program = get_command(application(list(COMMANDS)))
    said = list(commands())
    assert len(said) > 40
    for line, page in said:
        words = shlex.split(line)
        where = f"{page}: {line}"
        command: Any = program.commands.get(words[0])
        assert command is not None, where
        rest = words[1:]
        if inner := getattr(command, "commands", None):
            if not rest:
                continue
            command, rest = inner.get(rest[0]), rest[1:]
            assert command is not None, where
        wanted = {word.partition("=")[0] for word in rest if word.startswith("-")}
        if words[0] not in PASSING_ARGUMENTS_ON:
            assert wanted <= options_of(command) | {"--help"}, where


def test_the_references_are_what_the_code_writes() -> None:
    assert (DOCS / "reference" / "settings.md").read_text() == settings_page()
    assert (DOCS / "reference" / "cli.md").read_text() == cli_page()
    assert (DOCS / "reference" / "problems.md").read_text() == problems_page()
    for place, page in backend_pages().items():
        assert (DOCS / "reference" / place).read_text() == page, place


def test_the_page_of_permissions_is_the_table() -> None:
    table = rows((DOCS / "reference" / "permissions.md").read_text(), "## By role")
    assert list(table) == list(PERMISSIONS)
    for permission, roles in PERMISSIONS.items():
        assert table[permission][1:] == ["yes" if role in roles else "–" for role in Role], permission


def test_the_glossary_has_every_state() -> None:
    exports, proposals = (
        next(rule.sqltext.text for rule in model.__table__.constraints if str(rule.name).endswith("_state"))
        for model in (Export, Proposal)
    )
    assert set(rows(GLOSSARY, "## States of a shot")) == set(Status)
    assert set(rows(GLOSSARY, "## States of a job")) == set(JobState)
    assert set(rows(GLOSSARY, "## States of an attempt")) == set(AttemptState)
    assert set(rows(GLOSSARY, "## States of an export")) == set(re.findall(r"'(\w+)'", exports))
    assert set(rows(GLOSSARY, "## States of a proposal")) == set(re.findall(r"'(\w+)'", proposals))


def test_the_glossary_says_what_the_pages_say() -> None:
    for state, (word, _meaning) in rows(GLOSSARY, "## States of a shot").items():
        assert status_of(state).msgid == word


def test_the_glossary_gives_each_word_one_meaning() -> None:
    lines = [line for line in GLOSSARY.split("## Words\n", 1)[1].split("\n## ", 1)[0].splitlines() if line[:1] == "|"]
    words = [word.strip() for line in lines[2:] for word in line.split("|")[1].split(",")]
    assert len(words) > 50
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_the_life_of_a_job_follows_the_code() -> None:
    table = rows((DOCS / "explanation" / "the-life-of-a-job.md").read_text(), "## States")
    assert set(table) == set(AttemptState)
    for state, (following, job) in table.items():
        assert set(re.findall(r"`(\w+)`", following)) == set(FOLLOWS[AttemptState(state)]), state
        assert job.strip("` |") == JOB_AFTER.get(AttemptState(state), JobState.ACTIVE), state


@cache
def ui_sentences() -> tuple[re.Pattern[str], ...]:
    """Return a pattern for every sentence the pages can show, a number or a name where it has a gap."""
    messages = [text for message in sentences_found() if message.id for text in _forms(message.id)]
    gaps = [re.sub(r"\\?%\\?\(\w+\\?\)[sd]", ".+", re.escape(text)) for text in messages]
    return tuple(re.compile(text) for text in gaps)


def _forms(sentence: Any) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else tuple(sentence)


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((DOCS / "tutorials").glob("*.md")), *sorted((DOCS / "how-to").glob("*.md"))],
    ids=name,
)
def test_words_in_bold_stand_on_a_page(page: Path) -> None:
    text = FENCE.sub("", page.read_text())
    for words in BOLD.findall(text):
        assert any(pattern.fullmatch(words) for pattern in ui_sentences()) or words == "one", words


def test_the_scripts_shown_are_read_without_a_doubt() -> None:
    page = (DOCS / "how-to" / "import-a-script.md").read_text()
    for language, dialect, episodes in (("fountain", Dialect.FOUNTAIN, 1), ("zh", Dialect.CHINESE, 2)):
        shown = re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)
        assert len(shown) == 1
        script = parse(shown[0])
        assert script.dialect is dialect
        assert script.warnings == ()
        assert len(split_episodes(shown[0]).episodes) == episodes


def test_decisions_are_numbered_and_say_why() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.name[:4]} "), page.name
        headings = re.findall(r"^## (.+)$", text, re.M)
        assert headings == ["Context", "Decision", "Consequences"], page.name


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_names_a_machine(page: Path) -> None:
    text = page.read_text().replace(OURS, "")
    assert ELSEWHERE.findall(text) == []
    assert str(ROOT) not in text
