"""Every number that pages print is listed; captions and marked lines."""

import json

import pytest

from snippets.machinery import pool
from snippets.machinery.asked import measurements, unit
from snippets.machinery.source import Page
from tests.machinery.test_kept import PAGE, project

__all__ = ["project"]


def test_every_number_is_in_one_file(project):
    built = project.build()
    assert built.status == 0, built.log
    entries = json.loads(built.files()["measurements.json"])
    page = {"page": "index.md", "function": "snippets.results.trained.table"}
    count = {"unit": "count"}
    assert entries == [
        {
            "name": "trained.first",
            "value": 10,
            "page": "index.md",
            "function": "snippets.results.trained.first",
        }
        | count,
        {"name": "trained.table: one, weight", "value": 1} | count | page,
        {"name": "trained.table: two, weight", "value": 2} | count | page,
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (3, "count"),
        (0.5, "number"),
        ("0.79", "number"),
        ("99.7%", "percent"),
        ("70.3% to 74.4%", "percent"),
        ("3.11.7", "text"),
        ("seven", "text"),
    ],
)
def test_units(value, kind):
    assert unit(value) == kind


def test_links_and_emphasis_are_no_part_of_a_name(monkeypatch):
    row = {"kind": "[dot](dot.html)", "*found* `words`": "10%"}
    monkeypatch.setattr(pool, "result", lambda run, _: {"value": [row]})
    [entry] = measurements(Page("a.md", '```table run="a.b"\n```\n'))
    assert entry["name"] == "a.b: dot, found words"
    assert entry["value"] == "10%"


def test_a_caption_can_hold_a_value(project):
    project.page(PAGE.replace("All of them.", "With `#!value trained.first`."))
    built = project.build()
    assert built.status == 0, built.log
    page = built.files()["index.html"].decode()
    assert page.count('data-run="trained.first">10<') == 2


def test_marked_lines_are_highlighted_and_must_exist(project):
    code = 'mark="two"\none = 1\ntwo = 2\n```\n'
    project.page(f"# Page\n\n```python {code}")
    built = project.build()
    assert built.status == 0, built.log
    page = built.files()["index.html"].decode()
    assert page.count('class="hll"') == 1
    project.page("# Page\n\n```python " + code.replace('"two"', '"three"'))
    built = project.build("--no-strict")
    assert built.status != 0
    assert "docs/index.md:3: no line holds 'three'" in built.log
