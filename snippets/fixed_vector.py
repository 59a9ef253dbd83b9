"""What is left of each word in an encoder's last state."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]


# --8<-- [start:encode]
def encode(encoder: nn.GRU, words: Tensor) -> tuple[Tensor, Tensor]:
    """Read a sentence: return all outputs, and the last one alone.

    words: (batch, source, features). Returns the encoder outputs
    (batch, source, hidden) and the fixed-size vector (batch, hidden).
    Source: Sutskever et al. (2014); Cho et al. (2014a).
    """
    encoder_outputs, _ = encoder(words)  # (batch, source, hidden)
    fixed_vector = encoder_outputs[:, -1]  # (batch, hidden)
    return encoder_outputs, fixed_vector


# --8<-- [end:encode]


# --8<-- [start:influence]
def influence(encoder: nn.GRU, words: Tensor) -> tuple[Tensor, Tensor]:
    """Measure how far each word can move what the decoder gets to see.

    words: (source, features). Returns two tensors of shape (source): the norm
    of the derivative of the fixed-size vector with respect to each word, and
    of the word's own encoder output, which attention can read.
    """

    def outputs(words: Tensor) -> Tensor:
        encoder_outputs, _ = encode(encoder, words.unsqueeze(0))
        return encoder_outputs[0]  # (source, hidden)

    derivative = torch.autograd.functional.jacobian(outputs, words)
    # derivative[i, :, j, :] says how word j moves the encoder output i.
    norms = derivative.norm(dim=(1, 3))  # (source, source)
    return norms[-1], norms.diagonal()


# --8<-- [end:influence]
