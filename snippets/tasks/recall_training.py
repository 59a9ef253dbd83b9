"""A model of one attention that is trained to recall, the same every time."""

# --8<-- [start:imports]
from collections.abc import Callable

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.attention import attention
from snippets.checks import expect
from snippets.linear_attention import unit_length
from snippets.parallel_linear_attention import parallel_linear_attention
from snippets.tasks.recall import KEYS, VALUES, make_batch

# --8<-- [start:model]
KINDS = ("softmax", "linear", "gated", "delta")
FEATURES, HEAD_DIM = 32, 16


class RecallModel(nn.Module):
    """Symbols to vectors, one causal attention, and back to symbols."""

    def __init__(self, kind: str) -> None:
        """Make a model with an attention of one of KINDS."""
        super().__init__()
        expect(kind in KINDS, "kind", KINDS, kind)
        self.kind = kind
        self.key_embedding = nn.Embedding(KEYS, FEATURES)
        # One symbol more stands where a question has no value.
        self.value_embedding = nn.Embedding(VALUES + 1, FEATURES)
        self.projection = nn.Linear(FEATURES, 3 * HEAD_DIM, bias=False)
        self.output = nn.Linear(HEAD_DIM, VALUES)
        if kind == "softmax":
            self.slope = nn.Parameter(torch.tensor(0.1))
        if kind in ("gated", "delta"):
            self.gate = nn.Linear(FEATURES, 1)
        if kind == "gated":  # start with a state that lasts
            nn.init.constant_(self.gate.bias, 6.0)

    def forward(self, keys: Tensor, values: Tensor, asked: Tensor) -> Tensor:
        """Read the writes, then the questions, as one sequence.

        keys, values: symbols, (batch, writes); asked: (batch, pairs).
        Returns logits for each question, (batch, pairs, VALUES).
        """
        keys = torch.cat((keys, asked), dim=1)  # (batch, length)
        values = torch.cat((values, torch.full_like(asked, VALUES)), dim=1)
        vectors = self.key_embedding(keys) + self.value_embedding(values)
        vectors = vectors.unsqueeze(1)  # (batch, 1, length, FEATURES)
        context = self.attend(vectors)  # (batch, 1, length, HEAD_DIM)
        answers = context[:, 0, -asked.size(1) :]  # (batch, pairs, HEAD_DIM)
        return self.output(answers)

    def attend(self, vectors: Tensor) -> Tensor:
        """Return the context, (batch, 1, length, HEAD_DIM)."""
        projected = self.projection(vectors).chunk(3, dim=-1)
        if self.kind == "softmax":
            # A gate and the delta rule know what came last; softmax is told.
            place = torch.arange(vectors.size(2), dtype=vectors.dtype)
            mask = self.slope * (place - place.unsqueeze(1))
            return attention(*projected, mask=mask, is_causal=True)[0]
        options: dict = dict(feature_map=unit_length, normalise=False)
        if self.kind in ("gated", "delta"):
            gate = torch.sigmoid(self.gate(vectors).squeeze(-1))
            options["decay" if self.kind == "gated" else "beta"] = gate
        return parallel_linear_attention(*projected, **options)[0]


# --8<-- [end:model]


# --8<-- [start:train]
PAIRS, TIMES = (2, 4, 8, 16, 32), (1, 2)
QUESTIONS = 512  # in a batch


def train_recall(
    *,
    kind: str,
    seed: int,
    steps: int,
    rate: float,
    report: Callable[[int, int, float], None] | None = None,
) -> RecallModel:
    """Train a model on batches of all PAIRS and TIMES.

    kind: the attention, one of KINDS.
    rate: the largest learning rate; it rises over the first 15 % of the
        steps and then falls to nothing.
    report: called with (step, steps, loss) now and then.
    Returns the model; the same arguments give the same model.
    Raises ValueError for settings that cannot be used.
    """
    expect(steps >= 2, "steps", "2 or more", steps)
    expect(rate > 0, "rate", "more than 0", rate)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = RecallModel(kind)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=rate, total_steps=steps, pct_start=0.15
    )
    for step in range(steps):
        chosen = int(torch.randint(len(PAIRS), (), generator=generator))
        pairs, times = PAIRS[chosen], TIMES[step % len(TIMES)]
        *given, answer = make_batch(
            QUESTIONS // pairs, pairs, times, generator
        )
        logits = model(*given)
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), answer.flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if report and (step % 50 == 49 or step == steps - 1):
            report(step + 1, steps, loss.item())
    return model


# --8<-- [end:train]


# --8<-- [start:accuracy]
@torch.no_grad()
def accuracy(
    model: RecallModel, pairs: int, times: int, questions: int, seed: int
) -> float:
    """Return the share of right answers on sequences that no training saw."""
    generator = torch.Generator().manual_seed(seed)
    *given, answer = make_batch(questions // pairs, pairs, times, generator)
    found = model(*given).argmax(dim=2)  # (batch, pairs)
    return (found == answer).double().mean().item()


# --8<-- [end:accuracy]
