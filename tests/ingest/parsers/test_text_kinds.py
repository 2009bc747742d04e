"""RTF, notebooks, JSON, XML, programs and reStructuredText."""

from __future__ import annotations

import base64
import json

import pytest
from office_files import read, tables, texts
from web_page import png

from errors import ParseError


def test_rtf_has_paragraphs_and_tables_and_says_what_is_lost() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator hidden;}\pard Cranes of K\'f6ln.\par Two stand.\par "
        rb"\trowd\cellx1000\cellx2000 Item\cell Cost\cell\row\trowd\cellx1000\cellx2000 Rent\cell 1,200\cell\row\pard "
        rb"{\pict\pngblip 89504e47}End.\par}"
    )
    document = read(rtf, "x.rtf")
    assert document.kind == "rtf"
    assert texts(document).startswith("Cranes of Köln.\nTwo stand.")
    assert "hidden" not in texts(document) and "89504e47" not in texts(document)
    (table,) = tables(document)
    assert table.table is not None
    assert table.table.grid() == [["Item", "Cost"], ["Rent", "1,200"]]
    assert [loss.what for loss in document.losses] == ["1 pictures"]
    with pytest.raises(ParseError, match="is no RTF"):
        read(b"words", "x.rtf")


def test_a_notebook_has_text_code_and_results() -> None:
    frame = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>"
    cells = [
        {"cell_type": "markdown", "source": ["# Loads\n", "Some *text*."]},
        {
            "cell_type": "code",
            "source": "x = 1\nprint(x)",
            "outputs": [
                {"output_type": "stream", "text": ["it is 1\n"]},
                {"data": {"text/html": [frame], "text/plain": "not this"}},
                {"data": {"image/png": base64.b64encode(png(120, 90)).decode()}},
            ],
        },
    ]
    document = read(json.dumps({"cells": cells, "nbformat": 4}).encode(), "x.ipynb")
    assert (document.kind, document.title) == ("notebook", "Loads")
    assert texts(document) == "Loads\nSome text.\nx = 1\nprint(x)\nit is 1"
    (table,) = tables(document)
    assert table.table is not None
    assert table.table.grid() == [["a", "b"], ["1", "2"]]
    assert [one.picture.width for one in document.elements if one.picture] == [120]
    with pytest.raises(ParseError, match="is no Jupyter notebook"):
        read(b"[1, 2]", "x.ipynb")


def test_json_records_are_a_table_and_other_values_say_where_they_stand() -> None:
    value = {
        "port": {"name": "Aldra", "open": True},
        "cranes": [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "load": 40.5}],
    }
    document = read(json.dumps(value).encode(), "x.json")
    assert texts(document) == "port.name: Aldra\nport.open: true"
    (table,) = tables(document)
    assert table.table is not None
    assert (table.caption, table.table.header_rows) == ("cranes", 1)
    assert table.table.grid() == [["id", "tags", "load"], ["1", "a, b", ""], ["2", "", "40.5"]]
    lines = read(b'{"a": 1}\n{"a": 2}\n', "x.jsonl")
    assert len(tables(lines)) == 1
    with pytest.raises(ParseError, match="is no JSON"):
        read(b"{broken", "x.json")
    with pytest.raises(ParseError, match="is no JSON"):
        read(b"[" * 100_000, "x.json")


def test_xml_is_read_by_its_structure_without_entities() -> None:
    xml = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY e "boom">]><port name="Aldra">
    <crane><id>1</id><load>40</load></crane>
    <crane><id>2</id><load>7</load></crane><note>Mind <b>the</b> edge&e;</note></port>"""
    document = read(xml, "x.xml")
    assert document.kind == "xml"
    assert "port.name: Aldra" in texts(document)
    assert "port.note: Mind the edge" in texts(document)
    assert "boom" not in texts(document)
    (table,) = tables(document)
    assert table.table is not None
    assert table.table.grid() == [["id", "load"], ["1", "40"], ["2", "7"]]


def test_a_program_is_read_below_the_names_that_it_defines() -> None:
    code = "import os\n\n\nclass Crane:\n    def lift(self):\n        return 40\n\n\ndef main():\n    pass\n"
    document = read(code.encode(), "crane.py")
    assert (document.kind, document.title) == ("code", "crane.py")
    assert [(one.section, one.lines[0].text) for one in document.elements] == [
        ((), "import os"),
        (("Crane",), "class Crane:"),
        (("main",), "def main():"),
    ]
    assert document.elements[1].lines[2].text == "        return 40"


def test_restructured_text_has_sections_by_its_underlines() -> None:
    rst = "=======\nCranes\n=======\n\nTwo stand.\n\nNorth\n-----\n\nIt is rusty.\n\nRules\n~~~~~\nMind the edge.\n"
    document = read(rst.encode(), "x.rst")
    assert [(one.text, one.heading) for one in document.elements if one.heading] == [
        ("Cranes", 1),
        ("North", 2),
        ("Rules", 3),
    ]
    assert {one.text: one.section for one in document.elements}["Mind the edge."] == ("Cranes", "North", "Rules")
    assert document.title == "Cranes"
