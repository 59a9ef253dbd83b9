"""The house of the machinery: no arrow up, no circle, nothing too large."""

import pytest

from tests.support.house import NOTES, floors, imports, rooms, written

every_room = pytest.mark.parametrize("name", rooms())


def test_no_room_stands_on_one_that_stands_on_it():
    assert sum(map(len, floors())) == len(rooms()) > 10


@every_room
def test_the_machinery_imports_nothing_of_the_project(name):
    for module in imports(rooms()[name]):
        assert module.startswith("snippets.machinery."), module


@every_room
def test_no_room_is_larger_than_a_reader_takes_in(name):
    assert rooms()[name].read_text("utf-8").count("\n") <= 340


def test_the_contributing_notes_show_the_house_as_it_is():
    notes = NOTES.read_text("utf-8")
    assert notes == written(notes), "python -m tests.support.house --write"
