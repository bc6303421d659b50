"""Final Draft files: what goes out comes back, and what is broken or hostile is refused with words."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from test_write_fountain import CHINESE_LINES, FOUNTAIN_LINES, SAMPLES, scripts

from app.core.errors import Invalid
from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Kind, Script, Speech
from app.scripts.formats.fdx_read import read_fdx
from app.scripts.formats.fdx_write import write_fdx
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.revision_marks import RevisionMarks

PARAGRAPHS = {
    "Action", "Character", "Dialogue", "General", "Lyrics", "Parenthetical", "Scene Heading", "Transition",
}  # fmt: skip


def returned(script: Script) -> Script:
    return read_fdx(write_fdx(script)).script


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_comes_back_from_final_draft(path):
    script = parse(path.read_text())
    assert returned(script).elements == script.elements


@settings(max_examples=300, deadline=None)
@given(scripts(FOUNTAIN_LINES))
def test_any_fountain_comes_back(text):
    script = parse(text, Dialect.FOUNTAIN)
    assert returned(script).elements == script.elements


@settings(max_examples=300, deadline=None)
@given(scripts(CHINESE_LINES))
def test_any_chinese_script_comes_back(text):
    script = parse(text, Dialect.CHINESE)
    assert returned(script).elements == script.elements


TOLD = """Title: The Salt Ledger
Credit: written by
Author: A. Writer

INT. KITCHEN - DAY #1A#

She *never* looks up. **Rain.** [[check the weather]]

MARA (V.O.)
(low)
We owe them nothing.

DEN ^
Nothing.

[[ask the director]]

> CUT TO:
"""


def test_final_draft_finds_its_own_structure():
    script = parse(TOLD)
    marks = (RevisionMarks("Blue", "blue", frozenset({7})),)
    root = ET.fromstring(write_fdx(script, ExportOptions(notes=True, revisions=marks)))
    assert (root.tag, root.get("DocumentType"), root.get("Version")) == ("FinalDraft", "Script", "5")
    content = root.find("Content")
    kinds = {node.get("Type") for node in content.iter("Paragraph") if node.get("Type")}
    assert kinds <= PARAGRAPHS
    heading = content.find("Paragraph[@Type='Scene Heading']")
    assert heading.get("Number") == "1A" and heading.find("SceneProperties") is not None
    both = content.find("Paragraph/DualDialogue")
    assert [node.get("Type") for node in both].count("Character") == 2
    assert {text.get("Style") for text in content.iter("Text")} == {None, "Italic", "Bold"}
    assert [text.get("RevisionID") for text in content.iter("Text")].count("1") >= 1
    assert root.find("Revisions/Revision").get("Color") == "#00000000FFFF"
    assert [note.find("Paragraph/Text").text for note in content.iter("ScriptNote")] == [
        "check the weather",
        "ask the director",
    ]
    assert root.find("TitlePage/Content/Paragraph").get("Alignment") == "Center"
    assert [node.text for node in root.iterfind("SmartType/Characters/Character")] == ["MARA", "DEN"]
    assert [node.text for node in root.iterfind("SmartType/TimesOfDay/TimeOfDay")] == ["DAY"]


def test_title_page_notes_numbers_and_revisions_come_back():
    script = parse(TOLD)
    marks = (RevisionMarks("Blue", "blue", frozenset({7})),)
    read = read_fdx(write_fdx(script, ExportOptions(notes=True, revisions=marks)))
    assert read.script == script
    assert [(each.name, each.colour) for each in read.revisions] == [("Blue", "#0000FF")]
    assert read.revisions[0].lines


def test_numbers_notes_and_title_page_can_be_left_out():
    script = parse(TOLD)
    bare = read_fdx(write_fdx(script, ExportOptions(scene_numbers=False, notes=False, title_page=False))).script
    assert not bare.fields and not any(scene.scene_number for scene in bare.scenes)
    assert all(element.kind is not Kind.NOTE and "[[" not in element.text for element in bare.elements)


def test_what_final_draft_itself_writes_is_read():
    data = b"""<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="4"><Content>
<Paragraph Number="1" Type="Scene Heading"><SceneProperties Length="1/8" Page="1" Title=""/>
<Text>EXT. PIER - DAWN</Text></Paragraph>
<Paragraph Type="Action"><Text AdornmentStyle="-1" Background="#FFFFFFFFFFFF">Gulls. </Text>
<Text Style="Bold+Underline">Silence.</Text></Paragraph>
<Paragraph Type="Character"><Text>OLD MAN (O.S.)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Late again.</Text></Paragraph>
<Paragraph Type="Shot"><Text>CLOSE ON THE ROPE</Text></Paragraph><Paragraph Type="My Own"><Text>Odd.</Text></Paragraph>
</Content></FinalDraft>"""
    read = read_fdx(data)
    heading, action, speech, *rest = read.script.elements
    assert (heading.text, heading.scene_number) == ("EXT. PIER - DAWN", "1")
    assert action.text == "Gulls. _**Silence.**_"
    assert isinstance(speech, Speech) and speech.extensions == ("O.S.",)
    assert [each.text for each in rest] == ["CLOSE ON THE ROPE", "Odd."]
    assert [warning.code for warning in read.warnings] == ["script.fdx_kind"]


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;">]>
<FinalDraft><Content><Paragraph Type="Action"><Text>&lol2;</Text></Paragraph></Content></FinalDraft>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<FinalDraft><Content><Paragraph Type="Action"><Text>&file;</Text></Paragraph></Content></FinalDraft>"""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (LAUGHS, "script.fdx_entities"),
        (OUTSIDE, "script.fdx_entities"),
        (b"", "script.fdx_broken"),
        (b"%PDF-1.7", "script.fdx_broken"),
        (b"<FinalDraft><Content><Paragraph", "script.fdx_broken"),
        (b"<FinalDraft/>", "script.fdx_broken"),
        (b"<html><Content/></html>", "script.fdx_broken"),
        (b'<?xml version="1.0" encoding="klingon"?><FinalDraft/>', "script.fdx_broken"),
        (b"<a>" * 100_000, "script.fdx_broken"),
    ],
)
def test_a_broken_or_hostile_file_is_refused(data, code):
    with pytest.raises(Invalid) as refused:
        read_fdx(data)
    assert refused.value.code == code


def test_characters_that_xml_forbids_are_left_out():
    script = parse("INT. ROOM - DAY\n\nBell \x07 rings \ud800 once.")
    assert read_fdx(write_fdx(script)).script.elements[-1].text == "Bell  rings  once."
