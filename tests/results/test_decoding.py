"""The numbers of *Decoding with a KV Cache*."""

import pytest
import torch

from snippets.attention import attention
from snippets.multi_head_attention import join_heads, split_heads
from snippets.results import decoding as results
from tests.results.made import printed, recorded, same

WORDS = results.WORDS


@pytest.mark.parametrize("position", [1, 2, 5, 13])
def test_multiplications_are_those_of_the_formulas(position):
    size = results.FEATURES
    # Four projections; the scores and the weighted sum.
    again = position * 4 * size**2 + 2 * position**2 * size
    once = 4 * size**2 + 2 * position * size
    assert results.multiplications(position, cached=False) == again
    assert results.multiplications(position, cached=True) == once


def test_the_cost_of_the_last_position(monkeypatch):
    known = {(1024, False): 3000, (1024, True): 8}
    monkeypatch.setattr(
        results,
        "multiplications",
        lambda position, cached: known[position, cached],
    )
    printed(
        results.cost(),
        {
            "position": 1024,
            "features": 512,
            "heads": 8,
            "without": 3000,
            "with": 8,
            "times": 375.0,
            "bytes": 2 * 512 * 2,  # key and value, in 16 bits
            "mib": 2.0,
        },
    )


# The mistakes, each read all at once, without a cache: it is enough to say
# which position a word has and which words it may attend to.


def read(words, places, attended):
    """Return the logits; attended: (length, length), True = may be."""
    model, _ = results._model(seed=0)
    state = model.embedding(words) + model.position(torch.tensor(places))
    for layer in model.layers:
        context, _ = layer(state, mask=attended)
        state = state + context
    return model.output(state)


def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril()


def no_mistake(words):
    return read(words, [*range(WORDS)], causal(WORDS))


def another_text_before(words):
    both = torch.cat([words.flip(1), words], dim=1)
    logits = read(both, [*range(WORDS)] * 2, causal(2 * WORDS))
    return logits[:, WORDS:]


def always_position_0(words):
    return read(words, [0] * WORDS, causal(WORDS))


def only_the_first_word(words):
    first = torch.zeros(WORDS, WORDS, dtype=torch.bool)
    first[:, 0] = True
    return read(words, [*range(WORDS)], first)


def all_of_a_chunk(words):
    chunk = torch.arange(WORDS) // 3
    attended = chunk.unsqueeze(1) >= chunk
    return read(words, [*range(WORDS)], attended)


def keys_of_both_layers(words):
    model, _ = results._model(seed=0)
    keys, values, logits = [], [], []
    for place, word in enumerate(words.split(1, dim=1)):
        state = model.embedding(word) + model.position.weight[place]
        for layer in model.layers:
            key, value = layer.project(state, state)
            keys.append(key)
            values.append(value)
            query = split_heads(layer.query_projection(state), 3)
            context, _ = attention(
                query, torch.cat(keys, dim=2), torch.cat(values, dim=2)
            )
            state = state + layer.output_projection(join_heads(context))
        logits.append(model.output(state))
    return torch.cat(logits, dim=1)


def padding_attended(words):
    padding = torch.zeros(2, 3, dtype=torch.int64)
    padded = torch.cat([words[:, :4], padding, words[:, 4:]], dim=1)
    places = [*range(4), *range(4, 7), *range(4, WORDS)]
    logits = read(padded, places, causal(WORDS + 3))
    return torch.cat([logits[:, :4], logits[:, 7:]], dim=1)


MISTAKES = {
    "none": no_mistake,
    "not emptied for a new text": another_text_before,
    "every new word at position 0": always_position_0,
    "`is_causal` without an offset": only_the_first_word,
    "chunks of three, not causal": all_of_a_chunk,
    "one cache for both layers": keys_of_both_layers,
    "padding left in the cache": padding_attended,
}


@torch.no_grad()
def test_each_mistake_does_what_its_name_says():
    _, words = results._model(seed=0)
    found = dict(results._logits(seed=0))
    assert [*found] == [*MISTAKES]
    for name, logits in found.items():
        torch.testing.assert_close(logits, MISTAKES[name](words), msg=name)


def test_errors_are_the_largest_difference_and_the_share(monkeypatch):
    right = torch.tensor([[[0.0, 1.0, 0.5], [3.0, 0.0, 0.0]]]).double()
    wrong = torch.tensor([[[0.0, 1.0, 1.25], [2.5, 0.0, 0.0]]]).double()
    models = {3: (lambda words: right, None)}
    monkeypatch.setattr(results, "_model", models.__getitem__)
    monkeypatch.setattr(
        results,
        "_logits",
        {3: [("none", right), ("one", wrong)]}.__getitem__,
    )
    # 0.75 at the most, not 0.5; the first word changes, the second does not.
    same(results.errors(3), {"none": (0.0, 1.0), "one": (0.75, 0.5)})


def test_every_mistake_is_seen():
    errors = results.errors()
    error, share = errors.pop("none")
    assert error < 1e-12 and share == 1
    assert len(errors) == 6
    assert min(error for error, _ in errors.values()) > 0.1
    assert all(0.1 < share <= 1 for _, share in errors.values())


def test_the_table_of_mistakes(monkeypatch):
    errors = {"none": (0.001, 1.0), "b": (2.348, 0.126), "a": (0.2, 0.97)}
    monkeypatch.setattr(results, "errors", lambda: errors)
    others = [
        {
            f"{name}, {what}": number + place
            for place, name in enumerate(errors)
            for what, number in numbers.items()
        }
        for numbers in ({"error": 0.5, "same": 0.2}, {"error": 1, "same": 0})
    ]
    recorded(monkeypatch, kv_cache__each_mistake=others)
    printed(
        results.mistakes(),
        [
            {
                "mistake": "none",
                "error": "0.00 (0.50 to 1.00)",
                "same word": "100% (0 to 20)",
            },
            {
                "mistake": "b",
                "error": "2.35 (1.50 to 2.00)",
                "same word": "13% (100 to 120)",
            },
            {
                "mistake": "a",
                "error": "0.20 (2.50 to 3.00)",
                "same word": "97% (200 to 220)",
            },
        ],
    )


def test_the_spread_of_the_logits(monkeypatch):
    logits = torch.tensor([[1.0, 2.0, 3.0, 6.0]])
    monkeypatch.setattr(
        results, "_model", lambda seed: (lambda words: logits, None)
    )
    # Squares of -2, -1, 0 and 3; 14 / 3, and its root.
    assert results.spread() == {"logits": pytest.approx((14 / 3) ** 0.5)}
