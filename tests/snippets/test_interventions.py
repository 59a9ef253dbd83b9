"""Other weights: each change by hand, and how it gets into a translator."""

import pytest
import torch

from snippets import interventions
from snippets.interventions import CHANGES, Changed, with_change
from snippets.translator.evaluation import write
from snippets.translator.model import Translator

# The second sentence has two words, and padding.
MASK = torch.tensor([[[True] * 4], [[True, True, False, False]]])
WEIGHTS = torch.tensor([[[0.1, 0.2, 0.6, 0.1]], [[0.25, 0.75, 0, 0]]])
EXPECTED = {
    "sharper": [[1 / 42, 4 / 42, 36 / 42, 1 / 42], [0.1, 0.9, 0, 0]],
    "only the largest": [[0, 0, 1, 0], [0, 1, 0, 0]],
    "all but the largest": [[0.25, 0.5, 0, 0.25], [1, 0, 0, 0]],
    "equal": [[0.25] * 4, [0.5, 0.5, 0, 0]],
    "moved one word on": [[0.1, 0.1, 0.2, 0.6], [0.75, 0.25, 0, 0]],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_change_by_hand(name):
    found = CHANGES[name](WEIGHTS, MASK)
    torch.testing.assert_close(
        found[:, 0], torch.tensor(EXPECTED[name]).float()
    )


def test_flatter_is_the_softmax_at_twice_the_temperature():
    score = torch.randn(2, 3, 4)
    found = CHANGES["flatter"](score.softmax(-1), MASK)
    torch.testing.assert_close(found, (score / 2).softmax(-1))


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_adds_up_to_one_and_padding_gets_nothing(name):
    score = torch.randn(2, 3, 4).masked_fill(~MASK, -torch.inf)
    found = CHANGES[name](score.softmax(-1), MASK)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 3))
    assert (found[1, :, 2:] == 0).all()


def test_without_its_only_word_a_sentence_has_no_weights():
    one = torch.ones(1, 1, 1)
    found = CHANGES["all but the largest"](one, one.bool())
    assert found.tolist() == [[[0.0]]]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Translator(9, 8, word_size=3, encoder_size=4, hidden_size=5).eval()


def test_changed_weights_make_the_context(model):
    attention = Changed(model.decoder.attention, interventions.equal)
    outputs = torch.randn(2, 4, 8)
    query = torch.randn(2, 1, 5)
    context, weights = attention(query, outputs, mask=MASK)
    mean = torch.stack((outputs[0].mean(0), outputs[1, :2].mean(0)))
    torch.testing.assert_close(context[:, 0], mean)
    assert weights[1, 0].tolist() == [0.5, 0.5, 0, 0]


def test_a_translator_writes_with_the_changed_weights(model):
    source = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])
    before = model.state_dict()
    changed = with_change(model, interventions.largest)
    _, weights = write(changed, source)
    assert ((weights == 0) | (weights == 1)).all()
    assert not hasattr(model.decoder.attention, "change")
    for name, part in model.state_dict().items():
        assert torch.equal(part, before[name])


def test_a_model_without_attention_is_refused():
    model = Translator(9, 8, attention="none")
    with pytest.raises(ValueError, match="model: expected a decoder with"):
        with_change(model, interventions.equal)
