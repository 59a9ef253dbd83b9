"""How much of each word is left: shares of the last word, by seed."""

import torch

from snippets.results import influence as results
from tests.results.made import keep_calls, printed


def test_influence_is_a_share_of_the_last_word_on_the_fixed_vector(
    monkeypatch,
):
    """The slow derivatives stand aside; each seed gives other numbers."""
    seen = []

    def influence(encoder, words):
        seen.append((encoder.weight_hh_l0[0, 0].item(), words))
        last = len(seen)
        on_fixed = last * torch.tensor([1.0, 2, 4])
        return on_fixed, last * torch.tensor([8.0, 6, 4])

    monkeypatch.setattr(results, "influence", influence)
    fixed, attended = results.measure()
    assert fixed.tolist() == [[0.25, 0.5, 1]] * 5
    assert attended.tolist() == [[2, 1.5, 1]] * 5
    for seed, (weight, words) in enumerate(seen):
        torch.manual_seed(seed)
        encoder = torch.nn.GRU(32, 64)
        assert weight == encoder.weight_hh_l0[0, 0].item()
        assert torch.equal(words, torch.randn(30, 32))


def test_it_is_measured_once(monkeypatch):
    calls = keep_calls(results, monkeypatch)
    assert results.measured() == "what is kept"
    assert calls == [(results.measure, None, {})]


def test_the_word_ten_back_from_the_last(monkeypatch):
    fixed = torch.full((2, 30), 0.5)
    # Place 19 is ten before place 29. Their mean is 1 / 187.5.
    fixed[:, 19] = torch.tensor([1 / 125, 1 / 375])
    monkeypatch.setattr(results, "measured", lambda: (fixed, 3 * fixed))
    printed(
        results.facts(),
        {"source": 30, "seeds": 5, "hidden": 64, "ten_back": 190.0},
    )


def test_a_start_has_its_own_encoder_and_sentence():
    encoder, words = results.sentence(3)
    assert words.shape == (30, 32)
    assert (encoder.input_size, encoder.hidden_size) == (32, 64)
    again, same_words = results.sentence(3)
    assert torch.equal(words, same_words)
    assert torch.equal(encoder.weight_hh_l0, again.weight_hh_l0)
    assert not torch.equal(words, results.sentence(4)[1])
