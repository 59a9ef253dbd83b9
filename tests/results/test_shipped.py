"""What a browser gets: the weights in 16 bits, and what to compare with."""

import base64
import hashlib
import json
import struct

import pytest
import torch

from snippets.results import shipped as results
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    encode,
    english,
)
from tests.results.made import printed

HELD_OUT = [*range(1001, 1301)]


@pytest.fixture
def model(monkeypatch):
    """A small translator that nothing trained, in 16 bits."""
    torch.manual_seed(0)
    sizes = dict.fromkeys(
        ("word_size", "encoder_size", "hidden_size", "attention_size"), 4
    )
    made = Translator(len(ENGLISH_WORDS), len(GERMAN_MORPHEMES), **sizes)
    made.half().float().eval()

    def translator(name):
        assert name == "attention"
        return made

    splits = {"held_out": HELD_OUT}
    monkeypatch.setattr(results, "translator", translator)
    monkeypatch.setattr(results, "make_splits", lambda: splits)
    return made


def sent(script):
    """Return what a call of `ship` hands over."""
    assert script.startswith("ship(") and script.endswith(");\n")
    return json.loads(f"[{script[5:-3]}]")


def test_high_bytes_come_before_low_ones():
    parts = [torch.tensor([[1.0, -2.5]]), torch.tensor([0.000061])]
    parts = [part.half().float() for part in parts]
    content = results.packed(parts)
    both = bytes(
        byte
        for pair in zip(content[:3], content[3:], strict=True)
        for byte in pair
    )
    assert struct.unpack(">3e", both) == tuple(
        number for part in parts for number in part.flatten().tolist()
    )


def test_a_number_that_16_bits_do_not_hold_is_refused():
    with pytest.raises(ValueError, match="not rounded to 16 bits"):
        results.packed([torch.tensor([0.1])])


def test_script_holds_the_model_and_what_it_must_find(model):
    header, text = sent(results.attention())
    assert results.attention() == results.script(model)
    content = base64.b64decode(text)
    state = model.state_dict()
    assert content == results.packed([*state.values()])
    checks = header.pop("checks")
    assert header == {
        "english": [*ENGLISH_WORDS],
        "german": [*GERMAN_MORPHEMES],
        "parts": [[name, [*part.shape]] for name, part in state.items()],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert checks == results.translations(model, [83_000_021, 1001, 1002])


def test_a_translation_ends_with_its_last_word(model):
    numbers = [7, 83_000_021]
    for number, found in zip(
        numbers, results.translations(model, numbers), strict=True
    ):
        source = encode([english(number)], ENGLISH_WORDS)
        words, weights = results.write(model, source)
        assert found["source"] == source[0].tolist()
        assert found["target"] == words[0].tolist()
        assert len(found["weights"]) == len(found["target"])
        torch.testing.assert_close(
            torch.tensor(found["weights"]), weights[0], rtol=0, atol=1e-6
        )


def test_proof_is_of_the_first_numbers_that_were_held_out(model):
    assert results.numbers() == HELD_OUT[:200]
    [known] = sent(results.proof())
    assert known == results.translations(model, HELD_OUT[:200])


def test_facts(model):
    count = sum(part.numel() for part in model.parameters())
    printed(
        results.facts(),
        {"shape": "[41, 4]", "numbers": count, "held_out": 300, "proof": 200},
    )
