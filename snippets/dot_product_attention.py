"""The attentions of Luong et al. (2015): three scores, global and local."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_mask, check_shapes, expect
from snippets.masked_softmax import masked_softmax


# --8<-- [start:dot_score]
class DotScore(nn.Module):
    """The score query^T key.

    Source: Luong et al. (2015), section 3.1, after eq. 7.
    """

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Score each query (batch, target, features) against each key.

        key: (batch, source, features). Returns (batch, target, source).
        Raises ValueError for inputs of a wrong kind or shape.
        """
        check_shapes(
            query=(query, "batch target features"),
            key=(key, "batch source features"),
        )
        return query @ key.transpose(1, 2)  # (batch, target, source)


# --8<-- [end:dot_score]


# --8<-- [start:general_score]
class GeneralScore(nn.Module):
    """The score query^T W key.

    Source: Luong et al. (2015), section 3.1, after eq. 7.
    """

    def __init__(self, query_size: int, key_size: int) -> None:
        """Make W, which turns key_size features into query_size."""
        super().__init__()
        self.key_projection = nn.Linear(key_size, query_size, bias=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Score each query (batch, target, query_size) against each key.

        key: (batch, source, key_size). Returns (batch, target, source).
        Raises ValueError for inputs of a wrong kind or shape.
        """
        check_shapes(
            query=(query, f"batch target {self.key_projection.out_features}"),
            key=(key, f"batch source {self.key_projection.in_features}"),
        )
        projected = self.key_projection(key)  # (batch, source, query_size)
        return query @ projected.transpose(1, 2)  # (batch, target, source)


# --8<-- [end:general_score]


# --8<-- [start:concat_score]
class ConcatScore(nn.Module):
    """The score v^T tanh(W [query; key]).

    Source: Luong et al. (2015), section 3.1, after eq. 7; no bias.
    """

    def __init__(
        self, query_size: int, key_size: int, hidden_size: int
    ) -> None:
        """Make W, for query and key one after the other, and v."""
        super().__init__()
        self.query_size, self.key_size = query_size, key_size
        joint_size = query_size + key_size
        self.joint_projection = nn.Linear(joint_size, hidden_size, bias=False)
        self.score_vector = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Score each query (batch, target, query_size) against each key.

        key: (batch, source, key_size). Returns (batch, target, source).
        Raises ValueError for inputs of a wrong kind or shape.
        """
        sizes = check_shapes(
            query=(query, f"batch target {self.query_size}"),
            key=(key, f"batch source {self.key_size}"),
        )
        pairs = (-1, sizes["target"], sizes["source"], -1)
        query = query.unsqueeze(2)  # (batch, target, 1, query_size)
        query = query.expand(pairs)  # (batch, target, source, query_size)
        key = key.unsqueeze(1)  # (batch, 1, source, key_size)
        key = key.expand(pairs)  # (batch, target, source, key_size)
        joint = torch.cat((query, key), -1)  # (batch, target, source, joint)
        joint = self.joint_projection(joint)  # (batch, target, source, hidden)
        score = self.score_vector(joint.tanh())  # (batch, target, source, 1)
        return score.squeeze(-1)  # (batch, target, source)


# --8<-- [end:concat_score]


# --8<-- [start:luong_attention]
class LuongAttention(nn.Module):
    """Global attention: a softmax of any score over all source positions.

    Source: Luong et al. (2015), section 3.1, where the query is the current
    decoder state.
    """

    def __init__(self, score: nn.Module) -> None:
        """Take a score: DotScore, GeneralScore or ConcatScore."""
        super().__init__()
        self.score = score

    def forward(
        self,
        query: Tensor,
        encoder_outputs: Tensor,
        *,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the encoder outputs from each query.

        query: (batch, target, query_size), the decoder states.
        encoder_outputs: (batch, source, key_size), keys and values at once.
        mask: boolean, broadcastable to (batch, target, source), True = may be
            attended to.
        Returns context, (batch, target, key_size), and weights, (batch,
            target, source).
        Raises ValueError for an input of a wrong kind, shape or device.
        """
        check_shapes(
            query=(query, "batch target query_size"),
            encoder_outputs=(encoder_outputs, "batch source key_size"),
        )
        score = self.score(query, encoder_outputs)  # (batch, target, source)
        weights = masked_softmax(score, mask)
        context = weights @ encoder_outputs  # (batch, target, key_size)
        return context, weights


# --8<-- [end:luong_attention]


# --8<-- [start:local_attention]
class LocalAttention(nn.Module):
    """Local attention with a predicted centre p ("local-p").

    The softmax is over the positions s in [p - window, p + window]; each
    weight is then multiplied by exp(-(s - p)^2 / (2 sigma^2)) with sigma =
    window / 2, so a row sums to 1 at most, not to 1. Positions count from 0.
    Source: Luong et al. (2015), section 3.2, eq. 9 and 10.
    """

    def __init__(
        self,
        score: nn.Module,
        query_size: int,
        hidden_size: int,
        window: float,
    ) -> None:
        """Take a score; make W_p (hidden_size features) and v_p.

        Raises ValueError for a window (D in the paper) that is not positive.
        """
        super().__init__()
        expect(window > 0, "window", "more than 0", window)
        self.score = score
        self.query_size = query_size
        self.window = window
        self.projection = nn.Linear(query_size, hidden_size, bias=False)
        self.position_vector = nn.Linear(hidden_size, 1, bias=False)

    def predict_position(self, query: Tensor, length: Tensor | int) -> Tensor:
        """Compute the centre p = length * sigmoid(v_p^T tanh(W_p query)).

        query: (batch, target, query_size).
        length: positions that may be attended to, an integer or one for each
            query, (batch, target).
        Returns p, (batch, target), never coarser than float32.
        Raises ValueError for an input of a wrong kind or shape.
        """
        axes = f"batch target {self.query_size}"
        sizes = check_shapes(query=(query, axes))
        if isinstance(length, Tensor):
            expected, got = tuple(sizes.values()), tuple(length.shape)
            expect(got == expected, "length", f"shape {expected}", got)
        hidden = self.projection(query).tanh()  # (batch, target, hidden)
        share = self.position_vector(hidden).sigmoid()  # (batch, target, 1)
        # Half precision cannot count: bfloat16 has no 257.
        share = share.to(torch.promote_types(share.dtype, torch.float32))
        return length * share.squeeze(-1)  # (batch, target)

    def forward(
        self,
        query: Tensor,
        encoder_outputs: Tensor,
        *,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to the encoder outputs near the centre of each query.

        Arguments, returns and errors as in LuongAttention. The mask may hide
        padding at the end: each row's count of True is its length.
        """
        check_shapes(
            query=(query, "batch target query_size"),
            encoder_outputs=(encoder_outputs, "batch source key_size"),
        )
        score = self.score(query, encoder_outputs)  # (batch, target, source)
        if mask is None:
            mask = torch.ones_like(score, dtype=torch.bool)
        check_mask(mask, score.shape, score.device)
        mask = mask.expand_as(score)  # (batch, target, source)
        length = mask.sum(dim=-1)  # (batch, target)
        centre = self.predict_position(query, length)  # (batch, target)
        centre = centre.unsqueeze(-1)  # (batch, target, 1)
        source = score.size(-1)
        position = torch.arange(source, device=score.device)  # (source)
        distance = position - centre  # (batch, target, source)
        inside = distance.abs() <= self.window
        sigma = self.window / 2
        nearness = torch.exp(-(distance**2) / (2 * sigma**2))
        weights = masked_softmax(score, mask & inside) * nearness
        weights = weights.to(score.dtype)
        context = weights @ encoder_outputs  # (batch, target, key_size)
        return context, weights


# --8<-- [end:local_attention]
