"""Every shape in a docstring of the snippets is true, and every one seen."""

import pytest
import torch

from tests.machinery.test_shape_comments import (
    EXAMPLES,
    OWN_SIZES,
    SIZES,
)
from tests.support.code import SNIPPETS, called
from tests.support.shape_docstrings import check

# Brackets that look like a shape and are none.
OTHER = {
    "attention": {"(left, right)"},
    "attention_decoder": {"(int64)"},
    "latent_attention": {"(RoPE)"},
    "translator_number_words": {"(5, 1)", "(tausend)", "(Million)"},
    "positions": {"(a, b)"},
    # The shape that its tensor should have, and has not.
    "time_first_attention": {"(hidden, source)"},
    "training": {"(step, steps, loss)"},
}
# Names that stand for several sizes in an example: the same within one call.
FREE = {
    "dot_product_attention": "features",
    "flash_attention": "target source",
    "kv_cache": "new",
    "tasks_lookup": "target",
    "multi_head_attention": "features length",
    "transformer_one_text": "length",
    "transformer_model": "length",
    "transformer_block": "features length",
    "transformer_decoder": "length head_dim",
    "translator_model": "length",
    "translator_decoders": "hidden",
}


@pytest.mark.parametrize("path", SNIPPETS, ids=called)
def test_shapes_in_docstrings_are_true(path):
    sizes = OWN_SIZES.get(called(path), SIZES)
    other = OTHER.get(called(path), set())
    free = FREE.get(called(path), "").split()
    sizes = {name: sizes[name] for name in sizes if name not in free}
    assert check(path, EXAMPLES.get(called(path)), sizes, other) == []


# The test of the test.

TRUE = """
from typing import NamedTuple

import torch


class Pair(NamedTuple):
    \"\"\"Two tensors (a pair).

    query: (batch, 3, features). key: (batch, length, features), or None.
    \"\"\"

    query: torch.Tensor
    key: torch.Tensor


def inner(pair, mask):
    \"\"\"Do nothing to a mask (3, length).

    mask: broadcastable to (batch, 3, length).
    \"\"\"


def function(query, key):
    \"\"\"Score each query (batch, 3, features) against each key.

    key: what is asked, (batch, length, features) or (length,
        features).
    Returns the scores, (batch, 3, length), keys and queries, (batch, rows,
        features), and a number.
    Source: a paper (2014).
    \"\"\"
    inner(Pair(query, key), torch.ones(3, 1))
    inner(Pair(query, key), torch.ones(3, 7))
    return query @ key.mT, (query, query), 1
"""
WRONG = {
    "a wrong size": (
        "key: what is asked, (batch, length",
        "key: what is asked, (batch, batch",
        "key: (batch, batch, features): the shape is (2, 7, 11), "
        "and batch is 2",
    ),
    "axes of the result in the wrong order": (
        "(batch, 3, length), keys",
        "(batch, length, 3), keys",
        "(batch, length, 3): the shape is (2, 3, 7), and length is 7",
    ),
    "a wrong parameter in a sentence": (
        "each query (batch, 3, features)",
        "each query (batch, features, 3)",
        "query: (batch, features, 3): the shape is (2, 3, 11), "
        "and features is 11",
    ),
    "a wrong field": (
        "query: (batch, 3, features). key",
        "query: (batch, features). key",
        "query: (batch, features): the shape is (2, 3, 11)",
    ),
    "what does not broadcast": (
        "broadcastable to (batch, 3, length)",
        "broadcastable to (batch, 5, length)",
        "mask: (batch, 5, length): the shape is (3, 1)",
    ),
    "a second result that is none": (
        "keys and queries, (batch, rows,",
        "keys and queries, (rows, batch,",
        "(rows, batch, features): the shape is (2, 3, 11), and batch is 2",
    ),
    "more shapes than results": (
        "features), and a number.",
        "features), and a number, (batch).",
        "function, (batch): never seen",
    ),
    "a shape that cannot be read": (
        "(batch, 3, length), keys",
        "(batch, 3, the length), keys",
        "cannot read (batch, 3, the length)",
    ),
    "a shape of nothing": (
        "a paper (2014)",
        "a paper (batch, 3, 4)",
        "(batch, 3, 4): the shape is",
    ),
}


def problems_of(folder, source):
    """Check a module of this source with a query and a key."""
    path = folder / "example.py"
    path.write_text(source, encoding="utf-8")

    def example(module):
        module.function(torch.ones(2, 3, 11), torch.ones(2, 7, 11))

    return check(path, example, {"batch": 2, "features": 11}, {"(a pair)"})


def test_true_docstrings_are_accepted(tmp_path):
    assert problems_of(tmp_path, TRUE) == [
        "example.py:24: function, (length, features): never seen"
    ]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_docstring_is_reported(tmp_path, name):
    right, wrong, message = WRONG[name]
    assert TRUE.count(right) == 1
    problems = problems_of(tmp_path, TRUE.replace(right, wrong))
    assert any(message in problem for problem in problems), problems
