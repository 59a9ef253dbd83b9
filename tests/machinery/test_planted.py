"""The bugs that are planted by hand still fit what they are planted in."""

import pytest

from snippets.machinery.settings import ROOT
from tests.support.planted import Bug, bugs

BUGS = bugs()


def test_bugs_are_many_of_every_kind_and_each_has_a_name():
    names = [bug.name for bug in BUGS]
    kinds = {name.partition(":")[0] for name in names}
    assert kinds == {
        *("code", "figure", "page", "result", "key", "claim", "machinery")
    }
    assert len(names) >= 60
    assert len({*names}) == len(names)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_fits_its_file_and_names_tests(bug):
    text = (ROOT / bug.file).read_text("utf-8")
    assert bug.planted(text) != text
    assert bug.tests
    for test in bug.tests:
        file, *names = test.partition("[")[0].split("::")
        source = (ROOT / file).read_text("utf-8")
        assert all(f"def {name}(" in source for name in names), test


def test_a_bug_that_does_not_fit_once_is_refused():
    bug = Bug("x", "x.py", "a,", "b,", [])
    assert bug.planted("a, c,") == "b, c,"
    for text, count in {"c,": 0, "a, a,": 2}.items():
        with pytest.raises(ValueError, match=f"x: the text occurs {count} "):
            bug.planted(text)
