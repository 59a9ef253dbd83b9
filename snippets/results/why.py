"""What Why Do We Need Attention? prints."""

import torch
from torch import nn

from snippets.fixed_vector import encode

FEATURES, HIDDEN = 32, 64


def memory() -> list[dict[str, int]]:
    """Return how many numbers the decoder gets, for sentences of a length."""
    torch.manual_seed(0)
    encoder = nn.GRU(FEATURES, HIDDEN, batch_first=True)
    rows = []
    for source in (5, 10, 20, 40):
        words = torch.randn(1, source, FEATURES)
        encoder_outputs, fixed_vector = encode(encoder, words)
        rows.append(
            {
                "source words": source,
                "numbers in the fixed vector": fixed_vector.numel(),
                "numbers in all encoder outputs": encoder_outputs.numel(),
            }
        )
    return rows
