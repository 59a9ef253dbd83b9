"""The translator reads what it should, and nothing else, in every variant."""

import pytest
import torch

from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    GeneralScore,
    LuongAttention,
)
from snippets.scaled_dot_product_attention import attention as scaled_attention
from snippets.translator.attention import SCORES, make_attention
from snippets.translator.model import Translator
from tests.support.probes import Attention, applicable_probes, normal
from tests.support.sentences import (
    BATCH,
    LENGTHS,
    SOURCE,
    TARGET,
    VOCABULARY,
    sentences,
)
from tests.support.tensors import alike

VARIANTS = [
    (name, order) for name in SCORES for order in ("bahdanau", "luong")
]
VARIANTS.append(("none", "bahdanau"))
every_variant = pytest.mark.parametrize(("attention", "order"), VARIANTS)
with_attention = pytest.mark.parametrize(("attention", "order"), VARIANTS[:-1])


def translator(attention="additive", order="bahdanau", mask=True):
    torch.manual_seed(0)
    hidden_size = 22 if attention == "dot" else 13
    model = Translator(
        29,
        VOCABULARY,
        attention=attention,
        order=order,
        mask=mask,
        word_size=19,
        encoder_size=11,
        hidden_size=hidden_size,
        attention_size=17,
    )
    return model.double().eval()


@every_variant
def test_shapes(attention, order):
    logits, weights = translator(attention, order)(*sentences())
    assert logits.shape == (BATCH, TARGET, VOCABULARY)
    assert weights.shape == (BATCH, TARGET, SOURCE)


@every_variant
def test_word_by_word_is_the_same_as_all_at_once(attention, order):
    model = translator(attention, order)
    source, previous = sentences()
    logits, weights = model(source, previous)
    memory, state = model.encode(source)
    for step in range(TARGET):
        one, attended, state = model.step(
            previous[:, step : step + 1], state, memory
        )
        assert alike(one, logits[:, step : step + 1])
        assert alike(attended, weights[:, step : step + 1])


@every_variant
def test_a_sentence_alone_is_the_same_as_in_a_batch(attention, order):
    model = translator(attention, order)
    source, previous = sentences()
    logits, weights = model(source, previous)
    for row, length in enumerate(LENGTHS):
        one = slice(row, row + 1)
        alone, attended = model(source[one, :length], previous[one])
        assert alike(alone, logits[one])
        assert alike(attended, weights[one, :, :length])


@with_attention
def test_rows_sum_to_one_and_padding_gets_exactly_zero(attention, order):
    _, weights = translator(attention, order)(*sentences())
    assert alike(weights.sum(dim=2), torch.ones(BATCH, TARGET).double())
    for row, length in enumerate(LENGTHS):
        assert (weights[row, :, length:] == 0).all()
        assert (weights[row, :, :length] > 0).all()


def test_without_attention_the_weights_are_zero():
    _, weights = translator("none")(*sentences())
    assert (weights == 0).all()


@pytest.mark.parametrize("attention", ["additive", "none"])
def test_without_the_mask_a_batch_mate_changes_the_output(attention):
    model = translator(attention, mask=False)
    source, previous = sentences()
    logits, _ = model(source, previous)
    alone, _ = model(source[1:2, :2], previous[1:2])
    assert (alone - logits[1:2]).abs().max() > 1e-3
    longest, _ = model(source[:1], previous[:1])
    assert alike(longest, logits[:1])  # it has no padding


@every_variant
def test_no_logits_see_a_later_word(attention, order):
    model = translator(attention, order)
    source, previous = sentences()
    before, _ = model(source, previous)
    previous[:, 3] = previous[:, 3] % (VOCABULARY - 1) + 1
    after, _ = model(source, previous)
    assert alike(before[:, :3], after[:, :3])
    assert ((before - after)[:, 3:].abs().amax(dim=2) > 1e-6).all()


@every_variant
def test_every_word_of_the_source_matters(attention, order):
    model = translator(attention, order)
    source, previous = sentences()
    before, _ = model(source, previous)
    for place in range(SOURCE):
        changed = source.clone()
        changed[0, place] = changed[0, place] % 28 + 1
        after, _ = model(changed, previous)
        assert ((before - after)[0].abs().amax(dim=1) > 1e-8).all()
        assert alike(before[1:], after[1:])


@every_variant
def test_the_gradient_reaches_every_parameter(attention, order):
    model = translator(attention, order)
    logits, _ = model(*sentences())
    (logits * normal(2, *logits.shape)).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


@every_variant
def test_the_gradient_is_the_slope(attention, order):
    """Nothing on the way is cut off: compare with small steps both ways."""
    model = translator(attention, order)
    direction = [
        normal(seed, *parameter.shape)
        for seed, parameter in enumerate(model.parameters())
    ]

    def loss():
        logits, _ = model(*sentences())
        return (logits * normal(2, *logits.shape)).sum()

    def moved(distance):
        with torch.no_grad():
            for parameter, part in zip(
                model.parameters(), direction, strict=True
            ):
                parameter += distance * part
            return loss()

    gradients = torch.autograd.grad(loss(), list(model.parameters()))
    expected = sum(
        (gradient * part).sum()
        for gradient, part in zip(gradients, direction, strict=True)
    )
    ahead, behind = moved(1e-5), moved(-2e-5)
    torch.testing.assert_close(
        (ahead - behind) / 2e-5, expected, rtol=1e-5, atol=1e-5
    )


def test_bahdanau_attends_before_the_word_is_read_and_luong_after():
    source, previous = sentences()
    other = previous.clone()
    other[:, 0] = other[:, 0] % (VOCABULARY - 1) + 1
    for order, depends in (("bahdanau", False), ("luong", True)):
        model = translator(order=order)
        _, weights = model(source, previous)
        _, changed = model(source, other)
        assert alike(weights[:, 0], changed[:, 0]) is not depends
        assert not alike(weights[:, 1], changed[:, 1])


def test_bahdanau_step_is_attend_then_update_then_predict():
    """One step from the paper's description, written out."""
    model = translator()
    source, previous = sentences()
    logits, weights = model(source[:1], previous[:1, :1])
    word = model.embedding.weight[previous[0, 0]]
    memory, state = model.encode(source[:1])
    attention = model.decoder.attention
    keys = memory.outputs[0] @ attention.key_projection.weight.T
    keys = keys + attention.key_projection.bias
    joint = keys + attention.query_projection.weight @ state[0]
    score = joint.tanh() @ attention.score_vector.weight[0]
    expected = score.softmax(dim=0)
    context = expected @ memory.outputs[0]
    state = model.decoder.cell(torch.cat((word, context)), state[0])
    hidden = model.readout(torch.cat((state, context, word))).tanh()
    assert alike(weights[0, 0], expected)
    assert alike(logits[0, 0], model.output(hidden))


QUERY, KEY = normal(1, 2, 5, 13), normal(2, 2, 7, 17)


def test_concat_is_the_score_of_luong():
    attention = make_attention("concat", 13, 17, 11).double()
    concat = LuongAttention(ConcatScore(13, 17, 11)).double()
    parts = attention.query_projection, attention.key_projection
    joint = torch.cat([part.weight for part in parts], dim=1)
    concat.score.joint_projection.weight.data = joint.data
    concat.score.score_vector = attention.score_vector
    assert attention.key_projection.bias is None
    for one, other in zip(
        attention(QUERY, KEY), concat(QUERY, KEY), strict=True
    ):
        assert alike(one, other)


def test_general_is_the_score_of_luong():
    attention = make_attention("general", 13, 17, 11).double()
    general = LuongAttention(GeneralScore(13, 17)).double()
    general.score.key_projection = attention.key_projection
    for one, other in zip(
        attention(QUERY, KEY), general(QUERY, KEY), strict=True
    ):
        assert alike(one, other)


def test_scaled_is_scaled_dot_product_attention_of_the_projections():
    attention = make_attention("scaled", 13, 17, 11).double()
    parts = attention.query_projection(QUERY), attention.key_projection(KEY)
    one_head = [part.unsqueeze(1) for part in (*parts, KEY)]
    for one, other in zip(
        attention(QUERY, KEY), scaled_attention(*one_head), strict=True
    ):
        assert alike(one, other.squeeze(1))


@pytest.mark.parametrize("name", SCORES)
def test_projected_keys_change_nothing(name):
    attention = make_attention(name, 17, 17, 11).double()
    query = normal(3, 2, 5, 17)
    projected = attention.project_keys(KEY)
    for one, other in zip(
        attention(query, KEY),
        attention(query, KEY, projected_keys=projected),
        strict=True,
    ):
        assert torch.equal(one, other)


def probed():
    for name in SCORES:
        torch.manual_seed(3)
        module = make_attention(name, 17, 17, 11).double()
        yield Attention(
            name,
            lambda query, memory, mask, module=module: module(
                query, memory, mask=mask
            ),
            query_size=17,
            memory_size=17,
            parameters=tuple(module.parameters()),
        )


@pytest.mark.parametrize(
    ("attention", "probe"),
    [
        pytest.param(attention, probe, id=f"{attention}-{probe.__name__}")
        for attention in probed()
        for probe in applicable_probes(attention)
    ],
)
def test_attention_passes_the_probes(attention, probe):
    probe(attention)


def test_scores_are_the_classes_that_pages_show():
    assert type(make_attention("additive", 13, 17, 11)) is AdditiveAttention


WORDS = torch.ones(2, 3, dtype=torch.long)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("source", (WORDS.float(), WORDS)),
        ("source", (WORDS[0], WORDS)),
        ("source", (WORDS[:, :0], WORDS)),
        ("source", ([[1, 1]], WORDS)),
        ("source", (torch.tensor([[0, 0], [1, 1]]), WORDS)),
        ("source", (torch.tensor([[1, 0, 1], [1, 1, 1]]), WORDS)),
        ("previous", (WORDS, WORDS.float())),
        ("previous", (WORDS, WORDS[:1])),
        ("previous", (WORDS, WORDS[:, :0])),
    ],
)
def test_wrong_words_are_an_error(name, arguments):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        translator()(*arguments)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("attention", {"attention": "dott"}),
        ("order", {"order": "vaswani"}),
        ("order", {"order": "vaswani", "attention": "none"}),
        ("query_size", {"attention": "dot"}),
    ],
)
def test_wrong_settings_are_an_error(name, settings):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        Translator(29, 31, **settings)


def test_a_query_of_a_wrong_size_is_an_error():
    attention = make_attention("dot", 17, 17, 11).double()
    with pytest.raises(ValueError, match=r"^key: expected"):
        attention(QUERY, KEY)
