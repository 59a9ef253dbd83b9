"""A task for windows: name a fact that stands some words back."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# --8<-- [end:imports]
from snippets.attention import attention

# --8<-- [start:task]
FACTS, FILLERS, LENGTH = 8, 8, 20
QUESTION = FACTS + FILLERS


def make_texts(
    batch: int, distance: int | None, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return texts (batch, 20) and the fact of each, (batch).

    A text is random fillers, one fact, and the question as its last word.
    distance: words from the question back to the fact; any if None.
    """
    shape = batch, LENGTH
    text = torch.randint(FACTS, QUESTION, shape, generator=generator)
    text[:, -1] = QUESTION
    fact = torch.randint(FACTS, (batch,), generator=generator)  # (batch)
    back = torch.randint(1, LENGTH, (batch,), generator=generator)
    if distance is not None:
        back = torch.full((batch,), distance)  # (batch)
    text[torch.arange(batch), LENGTH - 1 - back] = fact
    return text, fact


# --8<-- [end:task]


# --8<-- [start:model]
class Layer(nn.Module):
    """Causal self-attention in one head, added to what came in."""

    def __init__(self, features: int) -> None:
        """Make the linear maps."""
        super().__init__()
        self.projection = nn.Linear(features, 3 * features, bias=False)
        self.output = nn.Linear(features, features)

    def forward(self, sequence: Tensor, left: int | None) -> Tensor:
        """Attend, (batch, length, features) to the same.

        left: earlier words that a word attends to; all if None.
        """
        parts = self.projection(sequence).unsqueeze(1).chunk(3, dim=-1)
        context, _ = attention(*parts, is_causal=True, window=(left, 0))
        return sequence + self.output(context.squeeze(1))


class Reader(nn.Module):
    """Some layers with the same window, and a guess at the last word."""

    def __init__(self, layers: int, left: int | None, features: int = 32):
        """Make the layers; left: earlier words that a word attends to."""
        super().__init__()
        self.left = left
        self.embedding = nn.Embedding(QUESTION + 1, features)
        self.layers = nn.ModuleList(Layer(features) for _ in range(layers))
        self.output = nn.Linear(features, FACTS)

    def forward(self, text: Tensor) -> Tensor:
        """Return the logits of the facts, (batch, 8).

        text: (batch, 20).
        """
        state = self.embedding(text)  # (batch, length, features)
        for layer in self.layers:
            state = layer(state, self.left)
        return self.output(state[:, -1])


# --8<-- [end:model]


# --8<-- [start:train]
def train(layers: int, left: int | None, seed: int, steps: int) -> list[float]:
    """Train a reader; return how often it is right, by distance from 1 on."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    reader = Reader(layers, left)
    optimizer = torch.optim.Adam(reader.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, steps)
    for _ in range(steps):
        text, fact = make_texts(128, None, generator)
        loss = F.cross_entropy(reader(text), fact)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    right = []
    with torch.no_grad():
        for distance in range(1, LENGTH):
            text, fact = make_texts(1000, distance, generator)
            found = reader(text).argmax(dim=1) == fact  # (batch)
            right.append(found.float().mean().item())
    return right


# --8<-- [end:train]
