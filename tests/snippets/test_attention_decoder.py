"""The decoder step: its order, its mask, its errors."""

import pytest
import torch

from snippets.attention_decoder import AttentionDecoder


def make() -> tuple[
    AttentionDecoder, torch.Tensor, torch.Tensor, torch.Tensor
]:
    torch.manual_seed(0)
    decoder = AttentionDecoder(
        vocabulary=17, embedding_size=5, hidden_size=7, key_size=11
    )
    word = torch.tensor([1, 16, 0])
    return decoder, word, torch.randn(3, 7), torch.randn(3, 13, 11)


def test_attends_with_the_previous_state_then_updates_then_predicts():
    decoder, word, state, encoder_outputs = make()
    logits, new_state, weights = decoder(word, state, encoder_outputs)
    context, expected = decoder.attention(state[:, None], encoder_outputs)
    torch.testing.assert_close(weights, expected[:, 0])
    joined = torch.cat([decoder.embedding(word), context[:, 0]], dim=1)
    torch.testing.assert_close(new_state, decoder.cell(joined, state))
    combined = torch.cat([new_state, context[:, 0]], dim=1)
    torch.testing.assert_close(logits, decoder.output(combined))
    assert logits.shape == (3, 17)


def test_projected_keys_change_nothing():
    decoder, word, state, encoder_outputs = make()
    keys = decoder.attention.project_keys(encoder_outputs)
    plain = decoder(word, state, encoder_outputs)
    projected = decoder(word, state, encoder_outputs, projected_keys=keys)
    for left, right in zip(plain, projected, strict=True):
        torch.testing.assert_close(left, right)


def test_padding_changes_nothing():
    decoder, word, state, encoder_outputs = make()
    padded = torch.cat([encoder_outputs, torch.full((3, 2, 11), 1e3)], dim=1)
    mask = (torch.arange(15) < 13).expand(3, 1, 15)
    plain = decoder(word, state, encoder_outputs)
    masked = decoder(word, state, padded, mask=mask)
    torch.testing.assert_close(masked[0], plain[0])
    torch.testing.assert_close(masked[1], plain[1])
    assert masked[2][:, 13:].count_nonzero() == 0


def test_the_gradient_reaches_every_parameter():
    decoder, word, state, encoder_outputs = make()
    logits, *_ = decoder(word, state, encoder_outputs)
    logits.square().sum().backward()
    for name, parameter in decoder.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize(
    ("argument", "change", "message"),
    [
        ("previous_word", lambda t: t.float(), "expected int64"),
        ("previous_word", lambda t: t[:2], r"expected shape \(3,\), got"),
        ("decoder_state", lambda t: t[:, :5], r"got \(3, 5\)"),
        ("encoder_outputs", lambda t: t[0], r"got \(13, 11\)"),
        ("encoder_outputs", lambda t: t[:, :0], "empty"),
    ],
)
def test_wrong_input_is_named(argument, change, message):
    decoder, word, state, encoder_outputs = make()
    inputs = {
        "previous_word": word,
        "decoder_state": state,
        "encoder_outputs": encoder_outputs,
    }
    inputs[argument] = change(inputs[argument])
    with pytest.raises(ValueError, match=f"^{argument}: .*{message}"):
        decoder(**inputs)
