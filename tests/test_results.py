"""What the pages say of the trained translators and attentions."""

from snippets.results import (
    trainings,
    translator,
    types_of_attention,
)
from snippets.results.measured import measured


def test_the_claims_of_types_of_attention_hold():
    facts = types_of_attention
    assert facts.additive()["found"] > 0.98
    assert facts.concat()["found"] < 0.6
    assert facts.self_attention()["found"] > 0.9
    assert facts.facts_of("general")["found"] > 0.9
    assert facts.facts_of("dot")["found"] < 0.25
    assert facts.same_space() > 0.9
    assert facts.concat_over_additive() > 40


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
