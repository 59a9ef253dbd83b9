"""The task of the windows is what its page says it is."""

import pytest
import torch

from snippets.tasks.window_recall import (
    FACTS,
    FILLERS,
    LENGTH,
    QUESTION,
    Layer,
    Reader,
    make_texts,
    train,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("distance", [1, 7, LENGTH - 1])
def test_a_text_is_fillers_one_fact_and_the_question(distance):
    text, fact = make_texts(211, distance, seeded())
    assert text.shape == (211, LENGTH)
    assert (text[:, -1] == QUESTION).all()
    assert torch.equal(text[:, LENGTH - 1 - distance], fact)
    assert ((text < FACTS).sum(dim=1) == 1).all()
    fillers = text[(text >= FACTS) & (text < QUESTION)]
    assert len(fillers) == 211 * (LENGTH - 2)
    assert sorted(set(fillers.tolist())) == [*range(FACTS, FACTS + FILLERS)]
    assert sorted(set(fact.tolist())) == [*range(FACTS)]


def test_without_a_distance_every_distance_occurs():
    text, _ = make_texts(997, None, seeded())
    places = (text < FACTS).long().argmax(dim=1)
    assert sorted(set(places.tolist())) == [*range(LENGTH - 1)]


@pytest.mark.parametrize(
    ("layers", "left"), [(1, 4), (2, 4), (3, 4), (2, None)]
)
def test_what_reaches_the_answer(layers, left):
    """The gradient ends exactly at layers times window."""
    torch.manual_seed(0)
    reader = Reader(layers, left)
    text, _ = make_texts(3, None, seeded())
    vectors = reader.embedding(text).detach().requires_grad_()
    state = vectors
    for layer in reader.layers:
        state = layer(state, reader.left)
    state[:, -1].sum().backward()
    reached = (vectors.grad != 0).any(dim=2)
    reach = LENGTH - 1 if left is None else layers * left
    back = torch.arange(LENGTH - 1, -1, -1)
    assert torch.equal(reached, (back <= reach).expand(3, LENGTH))


def test_a_layer_adds_to_what_came_in():
    layer = Layer(5)
    torch.nn.init.zeros_(layer.output.weight)
    torch.nn.init.zeros_(layer.output.bias)
    sequence = torch.randn(2, 7, 5)
    torch.testing.assert_close(layer(sequence, 3), sequence)


def test_a_short_training_ends_at_the_reach():
    right = train(layers=1, left=2, seed=1, steps=60)
    assert len(right) == LENGTH - 1
    assert min(right[:2]) > 0.9
    assert max(right[2:]) < 0.2
