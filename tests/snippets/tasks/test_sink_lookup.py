"""The task of the sinks is what its page says it is."""

import pytest
import torch

from snippets.tasks.sink_lookup import LENGTH, NAMES, Lookup, make_lists, train


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("length", [LENGTH, LENGTH + 1, 41])
def test_answers_are_those_of_the_last_sixteen(length):
    names, numbers, asked, answer, there = make_lists(307, seeded(), length)
    assert names.shape == (307, length)
    for item in range(307):
        recent = names[item, -LENGTH:].tolist()
        assert len(set(recent)) == LENGTH
        name = asked[item].item()
        assert (name in recent) == bool(there[item])
        if there[item]:
            place = length - LENGTH + recent.index(name)
            assert torch.equal(answer[item], numbers[item, place])
        else:
            assert (answer[item] == 0).all()
            # Not in the window that holds one name more, either.
            assert name not in names[item, -LENGTH - 1 :].tolist()
    assert 0.4 < there.float().mean() < 0.6
    assert set(asked.tolist()) == set(range(NAMES))


@pytest.mark.parametrize("sink", ["start", "zero", "none"])
def test_every_parameter_that_is_used_is_trained(sink):
    torch.manual_seed(3)
    before = Lookup(sink).state_dict()
    after = train(sink, seed=3, steps=2)
    still = {name for name in before if torch.equal(before[name], after[name])}
    assert still == ({"start"} if sink != "start" else set())


def test_the_weights_have_a_place_for_the_sink():
    *question, _, _ = make_lists(2, seeded())
    for sink, source in (("start", 17), ("zero", 17), ("none", 16)):
        context, weights = Lookup(sink)(*question)
        assert context.shape == (2, 8)
        assert weights.shape == (2, source)


def test_the_zero_key_has_score_and_value_zero():
    *question, _, _ = make_lists(2, seeded())
    torch.manual_seed(0)
    model = Lookup("zero")
    mask = torch.zeros(1, LENGTH + 1, dtype=torch.bool)
    mask[:, 0] = True
    context, weights = model(*question, mask)
    assert (context == 0).all()
    assert (weights[:, 0] == 1).all()
