"""The task of associative recall asks what it says."""

import pytest
import torch

from snippets.tasks.recall import KEYS, VALUES, make_batch

SIZE, PAIRS, TIMES = 5, 7, 3


def batch(seed=0, size=SIZE, pairs=PAIRS, times=TIMES):
    generator = torch.Generator().manual_seed(seed)
    return make_batch(size, pairs, times, generator)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_answer_is_the_value_written_last(times):
    keys, values, asked, answer = batch(times=times)
    assert keys.shape == values.shape == (SIZE, PAIRS * times)
    assert asked.shape == answer.shape == (SIZE, PAIRS)
    for item in range(SIZE):
        written = {}
        for key, value in zip(
            keys[item].tolist(), values[item].tolist(), strict=True
        ):
            written[key] = value
        expected = [written[key] for key in asked[item].tolist()]
        assert answer[item].tolist() == expected


def test_every_key_is_written_as_often_as_said_and_asked_once():
    keys, _, asked, _ = batch()
    for item in range(SIZE):
        expected = sorted(asked[item].tolist() * TIMES)
        assert sorted(keys[item].tolist()) == expected
        assert len(set(asked[item].tolist())) == PAIRS


def test_all_symbols_occur_and_no_others():
    keys, values, asked, _ = batch(size=97, pairs=61)
    assert set(keys.unique().tolist()) == set(range(KEYS))
    assert set(values.unique().tolist()) == set(range(VALUES))
    assert set(asked.unique().tolist()) == set(range(KEYS))


def test_writes_come_in_random_order():
    """A key that is asked first is not one that was written first."""
    keys, _, asked, _ = batch(size=997, pairs=2, times=2)
    first = (keys[:, 0] == asked[:, 0]).double().mean().item()
    assert first == pytest.approx(0.5, abs=0.05)
    ends = (keys[:, 0] == keys[:, -1]).double().mean().item()
    assert ends == pytest.approx(1 / 3, abs=0.05)


def test_the_generator_decides():
    for one, same, other in zip(batch(), batch(), batch(1), strict=True):
        assert torch.equal(one, same)
        assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("pairs", {"pairs": 0}),
        ("pairs", {"pairs": KEYS + 1}),
        ("times", {"times": 0}),
    ],
)
def test_wrong_call_is_named(name, wrong):
    with pytest.raises(ValueError, match=rf"^{name}: expected .+, got "):
        batch(**wrong)
