"""Additive attention without checks is additive attention."""

import torch

from snippets.additive_attention import AdditiveAttention
from snippets.additive_core import Additive


def test_it_gives_what_the_version_with_checks_gives():
    torch.manual_seed(0)
    core, checked = Additive(3, 4, 6), AdditiveAttention(3, 4, 6)
    checked.load_state_dict(
        {
            "query_projection.weight": core.W_q.weight,
            "key_projection.weight": core.W_k.weight,
            "key_projection.bias": core.W_k.bias,
            "score_vector.weight": core.v.weight,
        }
    )
    query, key = torch.randn(2, 5, 3), torch.randn(2, 7, 4)
    mask = (torch.arange(7) < torch.tensor([[7], [4]])).unsqueeze(1)
    found, expected = core(query, key, mask), checked(query, key, mask=mask)
    torch.testing.assert_close(found, expected)
    assert (found[1][1, :, 4:] == 0).all()
