"""The attentions that a translator can use, by the names of their scores."""

# --8<-- [start:imports]
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.additive_attention import AdditiveAttention
from snippets.checks import expect
from snippets.dot_product_attention import DotScore
from snippets.masked_softmax import masked_softmax


# --8<-- [start:projected_dot_attention]
class ProjectedDotAttention(nn.Module):
    """Attention with the score scale * (W_q query)^T (W_k key).

    Without projections and scale it is Luong's "dot", with W_k alone his
    "general" (Luong et al. 2015, section 3.1, after eq. 7); with both and the
    scale 1 / sqrt(hidden) that of Vaswani et al. (2017), section 3.2.1.
    """

    def __init__(
        self,
        query_projection: nn.Module,
        key_projection: nn.Module,
        scale: float = 1.0,
    ) -> None:
        """Take two layers whose outputs are of one size."""
        super().__init__()
        self.query_projection = query_projection
        self.key_projection = key_projection
        self.score = DotScore()
        self.scale = scale

    def project_keys(self, encoder_outputs: Tensor) -> Tensor:
        """Compute W_k key, once a sentence, for all decoding steps.

        encoder_outputs: (batch, source, key_size).
        Returns projected keys, (batch, source, hidden).
        """
        return self.key_projection(encoder_outputs)  # (batch, source, hidden)

    def forward(
        self,
        query: Tensor,
        encoder_outputs: Tensor,
        *,
        mask: Tensor | None = None,
        projected_keys: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the encoder outputs from each query.

        Arguments, returns and errors as in AdditiveAttention.
        """
        if projected_keys is None:
            projected_keys = self.project_keys(encoder_outputs)
        query = self.query_projection(query)  # (batch, target, hidden)
        score = self.score(query, projected_keys)  # (batch, target, source)
        weights = masked_softmax(score * self.scale, mask)
        context = weights @ encoder_outputs  # (batch, target, key_size)
        return context, weights


# --8<-- [end:projected_dot_attention]


# --8<-- [start:make_attention]
SCORES = ("additive", "concat", "dot", "general", "scaled")


def make_attention(
    name: str, query_size: int, key_size: int, hidden_size: int
) -> nn.Module:
    """Make the attention with the score of this name, one of SCORES.

    hidden_size: features of the projections of additive, concat and scaled.
    Raises ValueError for another name, and for "dot" if the sizes of query
    and key differ.
    """
    expect(name in SCORES, "attention", f"one of {SCORES}", name)
    if name in ("additive", "concat"):
        attention = AdditiveAttention(query_size, key_size, hidden_size)
        if name == "concat":
            # W [query; key] = W_q query + W_k key: the same without a bias.
            attention.key_projection = nn.Linear(
                key_size, hidden_size, bias=False
            )
        return attention
    if name == "dot":
        same = query_size == key_size
        expect(same, "query_size", f"{key_size} for dot", query_size)
        return ProjectedDotAttention(nn.Identity(), nn.Identity())
    if name == "general":
        key_projection = nn.Linear(key_size, query_size, bias=False)
        return ProjectedDotAttention(nn.Identity(), key_projection)
    return ProjectedDotAttention(
        nn.Linear(query_size, hidden_size, bias=False),
        nn.Linear(key_size, hidden_size, bias=False),
        scale=hidden_size**-0.5,
    )


# --8<-- [end:make_attention]
