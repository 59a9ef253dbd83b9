"""The comparison sees what equality of dicts does not."""

import pytest

from tests.results.made import printed, same


@pytest.mark.parametrize(
    "other",
    [
        [{"b": 2, "a": 1}],
        [{"a": 1.0, "b": 2}],
        [{"a": "1", "b": 2}],
        [{"a": 1, "b": 3}],
        [{"a": 1, "b": 2, "c": 3}],
        [{"a": 1, "b": 2}] * 2,
    ],
)
def test_another_table_is_not_the_same(other):
    table = [{"a": 1, "b": 2}]
    same(table, [dict(table[0])])
    with pytest.raises(AssertionError):
        same(other, table)


def test_what_a_page_cannot_print_is_refused():
    same((1, 2), (1, 2))
    with pytest.raises(AssertionError):
        printed((1, 2), (1, 2))
