"""A task for sinks: give the value of a key, or nothing if it is not there."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.attention import attention
from snippets.long_inputs import add_zero_key

# --8<-- [start:task]
NAMES, NUMBERS, LENGTH = 24, 8, 16


def make_lists(
    batch: int, generator: torch.Generator, length: int = LENGTH
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return lists of names with numbers, a name asked for, and the answer.

    The answer is the numbers of the name if it is among the last 16, and
    zeros if not; half of the questions are of each kind. After every 24
    names the same 24 follow in the same order, with other numbers.
    Returns names (batch, length), numbers (batch, length, 8), asked (batch),
    answer (batch, 8), there (batch).
    """
    order = torch.rand(batch, NAMES, generator=generator).argsort(dim=1)
    place = torch.arange(length) % NAMES  # (length)
    names = order[:, place]  # (batch, length)
    numbers = torch.randn(batch, length, NUMBERS, generator=generator)
    there = torch.rand(batch, generator=generator) < 0.5  # (batch)
    # Going back from the end: the last 16 are there. The 17th takes the place
    # of the start in the window of a longer list, and is not asked for.
    recent = torch.randint(LENGTH, (batch,), generator=generator)
    absent = torch.randint(LENGTH + 1, NAMES, (batch,), generator=generator)
    index = length - 1 - torch.where(there, recent, absent)  # (batch)
    rows = torch.arange(batch)  # (batch)
    asked = order[rows, index % NAMES]  # (batch)
    answer = numbers[rows, index.clamp(min=0)]  # (batch, 8)
    return names, numbers, asked, answer * there.unsqueeze(1), there


# --8<-- [end:task]


# --8<-- [start:model]
class Lookup(nn.Module):
    """One attention: the name asked for is the query, the list is read.

    sink: "start" puts a learnt vector before the list, the same for every
        list; "zero" a key and value of zeros; "none" nothing.
    """

    def __init__(self, sink: str, features: int = 32) -> None:
        """Make the embeddings and the linear maps."""
        super().__init__()
        self.sink = sink
        self.query = nn.Embedding(NAMES, features)
        self.name = nn.Embedding(NAMES, features)
        self.start = nn.Parameter(torch.randn(features + NUMBERS))
        self.key = nn.Linear(features + NUMBERS, features, bias=False)
        self.value = nn.Linear(features + NUMBERS, NUMBERS)

    def forward(
        self,
        names: Tensor,
        numbers: Tensor,
        asked: Tensor,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the answers, (batch, 8), and the weights, (batch, source)."""
        query = self.query(asked)[:, None, None]  # (batch, 1, 1, features)
        lists = torch.cat([self.name(names), numbers], dim=2)
        if self.sink == "start":
            start = self.start.expand(len(lists), 1, -1)
            lists = torch.cat([start, lists], dim=1)
        key, value = self.key(lists)[:, None], self.value(lists)[:, None]
        if self.sink == "zero":
            key, value = add_zero_key(key, value)
        context, weights = attention(query, key, value, mask=mask)
        return context[:, 0, 0], weights[:, 0, 0]


# --8<-- [end:model]


# --8<-- [start:train]
def train(sink: str, seed: int, steps: int) -> dict[str, Tensor]:
    """Train a lookup on lists of 16 names; return what it has learnt."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = Lookup(sink)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, steps)
    for _ in range(steps):
        *question, answer, _ = make_lists(128, generator)
        context, _ = model(*question)
        loss = (context - answer).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.state_dict()


# --8<-- [end:train]
