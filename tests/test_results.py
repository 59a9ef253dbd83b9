"""Numbers that the pages print, against counts made by hand."""

import re

import pytest

from snippets.build.paths import DOCS
from snippets.number_words import make_splits
from snippets.results import (
    step_by_step,
    summary,
    trainings,
    translator,
    types_of_attention,
    why,
)
from snippets.results.lookup_models import multiplications
from snippets.results.measured import measured


def test_parameters_are_those_of_the_formulas():
    count = types_of_attention.count
    features, hidden = 3, 5
    assert count("dot", features, hidden) == 0
    assert count("general", features, hidden) == 3 * 3
    assert count("concat", features, hidden) == 6 * 5 + 5
    assert count("local-p", features, hidden) == 3 * 3 + 3 * 5 + 5
    assert count("additive", features, hidden) == 2 * 3 * 5 + 5 + 5
    assert count("self-attention", features, hidden) == 3 * 3 * 3


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # scores of 7 x 7 pairs of 3 numbers, and the weighted sum
        ("dot", 7 * 7 * 3 * 2),
        # seven keys through a matrix as well
        ("general", 7 * 3 * 3 + 7 * 7 * 3 * 2),
        # as general, and a position for each query
        ("local-p", 7 * 3 * 3 + 7 * 7 * 3 * 2 + 7 * 3 * 3 + 7 * 3),
        # every pair through a matrix of 6 by 3, v, and the weighted sum
        ("concat", 7 * 7 * 6 * 3 + 7 * 7 * 3 + 7 * 7 * 3),
        # two projections, v for every pair, and the weighted sum
        ("additive", 2 * 7 * 3 * 3 + 7 * 7 * 3 + 7 * 7 * 3),
        # three projections, the scores, and the weighted sum
        ("self-attention", 3 * 7 * 3 * 3 + 7 * 7 * 3 * 2),
    ],
)
def test_multiplications_are_those_of_the_formulas(kind, expected):
    assert multiplications(kind, length=7, size=3) == expected


def test_the_claims_of_types_of_attention_hold():
    facts = types_of_attention
    assert facts.additive()["found"] > 0.98
    assert facts.concat()["found"] < 0.6
    assert facts.self_attention()["found"] > 0.9
    assert facts.facts_of("general")["found"] > 0.9
    assert facts.facts_of("dot")["found"] < 0.25
    assert facts.same_space() > 0.9
    assert facts.concat_over_additive() > 40


def test_the_fixed_vector_stays_and_the_outputs_grow():
    rows = [tuple(row.values()) for row in why.memory()]
    assert rows == [
        (5, 64, 320),
        (10, 64, 640),
        (20, 64, 1280),
        (40, 64, 2560),
    ]


def test_the_published_version_fails_as_the_page_says():
    error = step_by_step.published_error()
    assert error.startswith("RuntimeError: ")
    assert "[1, 16]" in error and "[5, 16]" in error


def test_the_example_of_the_figures_is_unseen():
    assert translator.EXAMPLE not in make_splits()["training"]


def test_the_probe_counts_words_that_are_there():
    for read, guessed in translator.probe().values():
        assert 0 < guessed < read < 1


def test_the_claims_of_why_do_we_need_attention_hold():
    """At equal time attention is far ahead where numbers are long."""
    for seed in trainings.SEEDS:
        attention = measured("attention", seed)
        fixed = measured("fixed vector", seed)
        assert attention["exact"] >= 0.98
        assert attention["parameters"] <= fixed["parameters"]
        assert fixed["by_length"][1, 5] > 0.95
        assert attention["by_length"][21, 25] > 0.95
        assert fixed["by_length"][21, 25] < 0.2
    longer = measured("fixed vector, four times the steps")
    assert 0.8 < longer["exact"] < 0.95


def test_a_translator_without_mask_depends_on_its_neighbours():
    with_mask, without = translator.batch_mates()
    assert with_mask["output changed"] == "0.0%"
    assert float(without["output changed"].rstrip("%")) > 20


def test_the_summary_has_a_row_for_every_attention():
    rows = summary.every_attention()
    assert len(rows) == 7
    assert all(
        "(batch, target, source)" in row["takes, returns"] for row in rows[:5]
    )
    assert rows[5]["call"].startswith("`attention(query, key, value, *, mask")


PLAIN = re.compile(r"\\\\|&|\\quad|\s")


@pytest.mark.parametrize("row", summary.BEYOND, ids=lambda row: row[0])
def test_the_summary_quotes_formulas_from_their_pages(row):
    _, page, formula, _ = row
    text = (DOCS / "beyond" / f"{page}.md").read_text("utf-8")
    assert PLAIN.sub("", formula) in PLAIN.sub("", text)


def test_the_summary_leads_to_every_page_beyond():
    pages = {path.stem for path in (DOCS / "beyond").glob("*.md")}
    assert {row[1] for row in summary.BEYOND} == pages


def test_the_summary_writes_calls_as_in_code():
    calls = " ".join(row["call"] for row in summary.beyond())
    assert "feature_map=elu_plus_one, normalise=True)" in calls
    assert "MultiHeadAttention(features, num_heads, *" in calls
    assert " at 0x" not in calls
