"""The Transformer reads what it should, and nothing else, and decodes so."""

import math

import pytest
import torch
from torch import nn

from snippets.multi_head_attention import MultiHeadAttention
from snippets.transformer.decoder import BASE, sinusoids
from snippets.transformer.model import Transformer
from snippets.translator.evaluation import translate
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    START,
    encode,
    english,
)
from tests.support.probes import normal
from tests.support.sentences import (
    BATCH,
    LENGTHS,
    SOURCE,
    TARGET,
    VOCABULARY,
    sentences,
)
from tests.support.tensors import alike

SETTINGS = {
    "pre-norm": {},
    "post-norm": {"norm_first": False},
    "one key head": {"num_key_heads": 1},
    "three blocks": {"layers": 3, "num_heads": 1},
}
every_kind = pytest.mark.parametrize(
    "settings", SETTINGS.values(), ids=SETTINGS
)


def transformer(**settings):
    torch.manual_seed(0)
    sizes = dict(features=15, num_heads=3, hidden=13, longest=TARGET)
    return Transformer(29, VOCABULARY, **sizes | settings).double().eval()


@every_kind
def test_shapes(settings):
    logits, weights = transformer(**settings)(*sentences())
    assert logits.shape == (BATCH, TARGET, VOCABULARY)
    assert weights.shape == (BATCH, TARGET, SOURCE)


@every_kind
@pytest.mark.parametrize("pieces", [(1, 1, 1, 1, 1), (2, 3), (5,)])
def test_decoding_with_caches_equals_the_full_pass(settings, pieces):
    model = transformer(**settings)
    source, previous = sentences()
    logits, weights = model(source, previous)
    memory, state = model.encode(source)
    for words, expected, attended in zip(
        previous.split(pieces, dim=1),
        logits.split(pieces, dim=1),
        weights.split(pieces, dim=1),
        strict=True,
    ):
        found, weight, state = model.step(words, state, memory)
        assert alike(found, expected)
        assert alike(weight, attended)
    assert [cache.length for cache in state] == [TARGET] * len(state)


@torch.no_grad()
def test_greedy_translation_equals_decoding_without_caches():
    torch.manual_seed(0)
    sizes = len(ENGLISH_WORDS), len(GERMAN_MORPHEMES)
    model = Transformer(*sizes, features=16, hidden=16).eval()
    numbers = [7, 83_000_021, 583_721]
    for number, (said, weights) in zip(
        numbers, translate(model, numbers), strict=True
    ):
        source = encode([english(number)], ENGLISH_WORDS)
        words = [START]
        for _ in said:
            logits, attended = model(source, torch.tensor([words]))
            words.append(logits[0, -1].argmax().item())
        assert [GERMAN_MORPHEMES[word] for word in words[1:]] == said
        assert torch.allclose(weights, attended[0], atol=1e-5)


@every_kind
def test_a_sentence_alone_is_the_same_as_in_a_batch(settings):
    model = transformer(**settings)
    source, previous = sentences()
    logits, weights = model(source, previous)
    for row, length in enumerate(LENGTHS):
        one = slice(row, row + 1)
        alone, attended = model(source[one, :length], previous[one])
        assert alike(alone, logits[one])
        assert alike(attended, weights[one, :, :length])
        assert (weights[one, :, length:] == 0).all()
    assert alike(weights.sum(dim=2), torch.ones(BATCH, TARGET).double())


@every_kind
def test_no_logits_see_a_later_word(settings):
    model = transformer(**settings)
    source, previous = sentences()
    before, _ = model(source, previous)
    previous[:, 3] = previous[:, 3] % (VOCABULARY - 1) + 1
    after, _ = model(source, previous)
    assert alike(before[:, :3], after[:, :3])
    assert ((before - after)[:, 3:].abs().amax(dim=2) > 1e-6).all()


def test_positions_begin_anywhere_while_training():
    model = transformer(shift=2)
    source, previous = sentences()
    shifted = [
        model.predict(previous, model.read(source, first), first=first)[0]
        for first in range(3)
    ]
    assert alike(model(source, previous)[0], shifted[0])
    model.train()
    torch.manual_seed(0)
    seen = set()
    for _ in range(30):
        logits, _ = model(source, previous)
        [first] = [i for i in range(3) if alike(logits, shifted[i])]
        seen.add(first)
    assert seen == {0, 1, 2}
    never = transformer(shift=0).train()
    assert alike(never(source, previous)[0], shifted[0])


@every_kind
def test_every_word_of_the_source_matters_and_its_place(settings):
    model = transformer(**settings)
    source, previous = sentences()
    before, _ = model(source, previous)
    for place in range(SOURCE):
        changed = source.clone()
        changed[0, place] = changed[0, place] % 28 + 1
        after, _ = model(changed, previous)
        assert ((before - after)[0].abs().amax(dim=1) > 1e-8).all()
        assert alike(before[1:], after[1:])
    swapped = source.clone()
    swapped[0, [0, 1]] = source[0, [1, 0]]
    assert not alike(model(swapped, previous)[0][0], before[0])


@every_kind
def test_the_gradient_reaches_every_parameter(settings):
    model = transformer(**settings)
    logits, _ = model(*sentences())
    (logits * normal(2, *logits.shape)).sum().backward()
    for name, parameter in model.named_parameters():
        # A bias of the keys moves all scores of a row alike.
        if "key_projection.bias" not in name:
            assert parameter.grad.abs().max() > 1e-9, name


def test_the_model_is_that_of_pytorch():
    """All of it against nn.Transformer's layers, written out."""
    for norm_first in (True, False):
        model = transformer(norm_first=norm_first)
        source, previous = sentences()
        x = model.embedding(source) + sinusoids(SOURCE, 15, base=BASE)
        words = (source != 0)[:, None, None]
        for block in model.encoder:
            x, _ = block(x, mask=words)
        y = model.decoder.embedding(previous) + sinusoids(
            TARGET, 15, base=BASE
        )
        memory = nn.functional.layer_norm(x, (15,)) if norm_first else x
        for block in model.decoder.blocks:
            y, weights = block(y, memory, memory_mask=words)
        y = nn.functional.layer_norm(y, (15,)) if norm_first else y
        logits, mean = model(source, previous)
        assert alike(logits, model.output(y))
        assert alike(mean, weights.mean(dim=1))


@pytest.mark.parametrize("base", [10_000.0, 10.0])
def test_sinusoids_by_the_formula(base):
    found = sinusoids(7, 6, first=3, base=base)
    for row in range(7):
        for pair in range(3):
            angle = (3 + row) / base ** (2 * pair / 6)
            assert found[row, 2 * pair].item() == pytest.approx(
                math.sin(angle), abs=1e-5
            )
            assert found[row, 2 * pair + 1].item() == pytest.approx(
                math.cos(angle), abs=1e-5
            )
    assert sinusoids(7, 5).shape == (7, 5)
    assert torch.equal(sinusoids(7, 6), sinusoids(7, 6, 0, 10_000.0))


def test_key_heads_and_the_exchange_of_the_self_attention():
    model = transformer(num_key_heads=1)
    kinds = [block.self_attention for block in model.decoder.blocks]
    assert [kind.num_key_heads for kind in kinds] == [1, 1]
    _, caches = model.encode(sentences()[0])
    assert caches[0].key.stored.shape == (BATCH, 1, TARGET, 5)
    assert model.decoder.attention is model.decoder.blocks[1].cross_attention
    assert model.decoder.attention.num_key_heads == 3
    assert model.encoder[0].self_attention.num_key_heads == 3

    class Own(MultiHeadAttention):
        pass

    model = transformer(self_attention=Own)
    assert all(type(b.self_attention) is Own for b in model.decoder.blocks)
    plain = transformer()
    plain.load_state_dict(model.state_dict())
    assert alike(plain(*sentences())[0], model(*sentences())[0])


WORDS = torch.ones(2, 3, dtype=torch.long)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("source", (WORDS.float(), WORDS)),
        ("source", (WORDS[0], WORDS)),
        ("source", (WORDS[:, :0], WORDS)),
        ("source", ([[1, 1]], WORDS)),
        ("source", (torch.tensor([[0, 0], [1, 1]]), WORDS)),
        ("previous", (WORDS, WORDS.float())),
        ("previous", (WORDS, WORDS[:1])),
        ("previous", (WORDS, WORDS[:, :0])),
    ],
)
def test_wrong_words_are_an_error(name, arguments):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        transformer()(*arguments)


def test_more_words_than_there_is_room_for_are_an_error():
    model = transformer()
    memory, state = model.encode(sentences()[0])
    for _ in range(TARGET):
        _, _, state = model.step(sentences()[1][:, :1], state, memory)
    with pytest.raises(ValueError, match=r"^key: expected at most 0 new"):
        model.step(sentences()[1][:, :1], state, memory)
