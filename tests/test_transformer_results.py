"""What the pages say of the trained Transformer and of its heads."""

import pytest
import torch

from snippets.multi_head_attention import MultiHeadAttention
from snippets.number_words import alignment, english, german
from snippets.results import heads, trainings, transformer
from snippets.results.measured_transformer import measured
from snippets.transformer import Transformer
from tests.probes import normal


def share(text):
    return float(text.rstrip("%")) / 100


def test_the_claims_of_the_transformer_page_hold():
    """Right where training numbers are plenty, behind where they are few."""
    for seed in trainings.SEEDS:
        found = measured("transformer", seed)
        assert found["exact"] >= 0.98
        for length in ((1, 5), (6, 10), (11, 15), (16, 20)):
            assert found["by_length"][length] >= 0.95
    longest = {
        kind: [run["by_length"][26, 30] for run in transformer.runs(kind)]
        for kind in ("Transformer", "GRU")
    }
    assert max(longest["Transformer"]) < min(longest["GRU"]) - 0.1
    task = transformer.task()
    assert task["longest"] < task["long"] < 1000


def test_multiplications_are_those_of_the_formulas(monkeypatch):
    """Every product of two matrices, counted by hand."""
    number = 83  # two English words; three German morphemes and a start
    monkeypatch.setattr(
        transformer, "make_splits", lambda: {"held_out": [number]}
    )
    size, hidden, words = 6, 5, 41
    model = Transformer(
        39, words, features=size, num_heads=2, hidden=hidden, layers=1
    )
    source, target = len(english(number)), len(german(number)) + 1
    square = size * size

    def attended(queries, keys):
        return 2 * queries * keys * size

    encoder = source * (4 * square + 2 * size * hidden)
    encoder += attended(source, source)
    decoder = target * (4 * square + 2 * square + 2 * size * hidden)
    decoder += 2 * source * square  # keys and values of the cross-attention
    decoder += attended(target, target) + attended(target, source)
    expected = encoder + decoder + target * size * words
    assert transformer.multiplications(model, 1) == expected


def test_the_stream_of_untrained_blocks():
    before, after = transformer.untrained(True), transformer.untrained(False)
    assert before[0] == after[0] == pytest.approx(1, abs=0.05)
    assert before[-1] > 2
    assert all(size == pytest.approx(1, abs=0.05) for size in after)


# Heads.


def test_where_a_head_might_look():
    # drei und achtzig Millionen ein und zwanzig, and the end
    assert alignment(83_000_021) == [1, None, 0, 2, 5, None, 4]
    assert heads.cross_places(83_000_021) == {
        "written now": [1, None, 0, 2, 5, None, 4, None],
        "written last": [None, 1, None, 0, 2, 5, None, 4],
    }


def test_weights_are_those_of_each_attention():
    model = heads.transformer()
    found = heads.weights_of(model, 83_000_021)
    source, target = 6, 8
    shapes = {name: tuple(weights.shape) for name, weights in found.items()}
    assert shapes == {
        "encoder 1": (4, source, source),
        "encoder 2": (4, source, source),
        "decoder 1": (4, target, target),
        "decoder 2": (4, target, target),
        "cross 1": (4, target, source),
        "cross 2": (4, target, source),
    }
    for name, weights in found.items():
        sums = weights.sum(dim=2)
        torch.testing.assert_close(sums, torch.ones_like(sums))
        causal = name.startswith("decoder")
        assert (weights.triu(1) == 0).all().item() is causal


def test_hits_count_the_largest_weights(monkeypatch):
    """Two heads made by hand: one looks at the first word, one is right."""
    weights = torch.zeros(2, 8, 6)
    weights[0, :, 0] = 1
    for row, place in enumerate([1, 3, 0, 2, 5, 3, 4, 3]):
        weights[1, row, place] = 1
    monkeypatch.setattr(heads, "transformer", lambda: None)
    monkeypatch.setattr(
        heads, "weights_of", lambda *given: {"cross 1": weights}
    )
    monkeypatch.setattr(
        heads, "make_splits", lambda: {"held_out": [83_000_021]}
    )
    first, second = heads.hits("cross 1")
    assert first["written now"] == f"{1 / 5:.0%}"
    assert second["written now"] == "100%"
    assert second["written last"] == "0%"
    assert heads.largest("cross 1") == 1


def test_the_claims_of_the_heads_page_hold():
    """The encoder's first attention is not needed, the last cross is."""
    rows = {row["attention"]: row for row in heads.ablation()}
    one_head = [share(rows["cross 2"][str(i)]) for i in (1, 2, 3, 4)]
    assert share(rows["encoder 1"]["all"]) > 0.95
    assert min(one_head) > 0.9
    assert share(rows["cross 2"]["all"]) < 0.2
    facts = heads.facts()
    assert float(facts["encoder"]) < 0.3 < 0.7 < float(facts["cross"])


def test_a_removed_head_is_removed_and_comes_back():
    torch.manual_seed(0)
    module = MultiHeadAttention(33, 3).double()
    sequence = normal(0, 2, 7, 33)
    context, weights = module(sequence)
    value = module.project(sequence, sequence)[1]
    own = (weights @ value)[:, 1]  # (batch, length, head_dim)
    part = own @ module.output_projection.weight[:, 11:22].T
    with heads.removed(module, 1):
        torch.testing.assert_close(module(sequence)[0], context - part)
    assert torch.equal(module(sequence)[0], context)
