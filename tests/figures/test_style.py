"""Parts that figures share refuse what would mislead."""

import math

import pytest
import torch

from snippets.figures import masks, style
from snippets.figures.style import heat_map, new_figure

NO_SHARES = {"no number": math.nan, "more than all": 1.1, "less": -0.1}


@pytest.mark.parametrize("share", NO_SHARES.values(), ids=NO_SHARES)
def test_what_is_no_share_has_no_colour(share):
    axes = new_figure(2).subplots()
    with pytest.raises(ValueError, match="numbers from 0 to 1"):
        heat_map(axes, [[0.5, share]], "a", "bc")
    allowed = torch.ones(1, 2, dtype=torch.bool)
    with pytest.raises(ValueError, match="numbers from 0 to 1"):
        masks.grid(axes, torch.tensor([[0.5, share]]), allowed)


def test_no_two_names_are_of_one_colour():
    named = [n for n in vars(style) if vars(style)[n] in [*style.CSS_COLOURS]]
    variables = {*style.CSS_COLOURS.values()}
    assert len(named) == len(style.CSS_COLOURS) == len(variables)


def test_rounding_is_no_fault():
    heat_map(new_figure(2).subplots(), [[1 + 1e-6, -1e-7]], "a", "bc")
