"""The recipe of PyTorch's official seq2seq tutorial, on our data.

Written from the description of *NLP From Scratch: Translation with a Sequence
to Sequence Network and Attention*; none of its code is used. Where the
tutorial leaves a choice, this takes the one that is better for it: batches
are padded to their own longest sentence and not to the longest of all, and
the layer that predicts words runs once for all steps of a training batch.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from snippets.translator.evaluation import translate
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    PADDING,
    german,
)
from snippets.translator.training import cropped

HIDDEN_SIZE = 128
DROPOUT = 0.1
BATCH_SIZE = 32
RATE = 0.001


class RecipeEncoder(nn.Module):
    """Reads the sentence from left to right with one GRU, padding too."""

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        """Make the embedding and the GRU, both of hidden_size features."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.dropout = nn.Dropout(DROPOUT)
        self.recurrent = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Read the words (batch, source).

        Returns the outputs (batch, source, hidden) and the state after the
        last column, (batch, hidden).
        """
        word = self.dropout(self.embedding(source))  # (batch, source, hidden)
        outputs, final = self.recurrent(word)
        return outputs, final[0]


class RecipeAttention(nn.Module):
    """Additive attention without a mask; it projects all keys at each call."""

    def __init__(self, hidden_size: int) -> None:
        """Make the three layers, each with a bias."""
        super().__init__()
        self.query_layer = nn.Linear(hidden_size, hidden_size)
        self.key_layer = nn.Linear(hidden_size, hidden_size)
        self.score_layer = nn.Linear(hidden_size, 1)

    def forward(self, state: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Attend from the state (batch, hidden) to all encoder outputs.

        outputs: (batch, source, hidden), those of padding included.
        Returns context (batch, hidden) and weights (batch, 1, source).
        """
        query = self.query_layer(state).unsqueeze(1)  # (batch, 1, hidden)
        joint = (query + self.key_layer(outputs)).tanh()
        score = self.score_layer(joint)  # (batch, source, 1)
        weights = score.transpose(1, 2).softmax(dim=2)  # (batch, 1, source)
        return (weights @ outputs).squeeze(1), weights


class RecipeDecoder(nn.Module):
    """Attends with the previous state, then updates it, and predicts."""

    def __init__(self, vocabulary: int, hidden_size: int) -> None:
        """Make the embedding, the attention, the cell and the output."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden_size)
        self.dropout = nn.Dropout(DROPOUT)
        self.attention = RecipeAttention(hidden_size)
        self.cell = nn.GRUCell(2 * hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size, vocabulary)

    def forward(
        self, previous: Tensor, state: Tensor, outputs: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict the word after each of the previous words (batch, target).

        Returns logits (batch, target, vocabulary), weights (batch, target,
        source) and the state after the last word, (batch, hidden).
        """
        word = self.dropout(self.embedding(previous))
        all_states, all_weights = [], []
        for step in range(word.size(1)):
            context, weights = self.attention(state, outputs)
            cell_input = torch.cat((word[:, step], context), dim=1)
            state = self.cell(cell_input, state)  # (batch, hidden)
            all_states.append(state)
            all_weights.append(weights)
        states = torch.stack(all_states, dim=1)  # (batch, target, hidden)
        return self.output(states), torch.cat(all_weights, dim=1), state


class RecipeTranslator(nn.Module):
    """Encoder and decoder, called as our Translator is."""

    def __init__(
        self,
        source_vocabulary: int = len(ENGLISH_WORDS),
        target_vocabulary: int = len(GERMAN_MORPHEMES),
        hidden_size: int = HIDDEN_SIZE,
    ) -> None:
        """Make both parts."""
        super().__init__()
        self.encoder = RecipeEncoder(source_vocabulary, hidden_size)
        self.decoder = RecipeDecoder(target_vocabulary, hidden_size)

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Read the source words (batch, source), 0 where there is padding.

        The recipe ends each source sentence with END, so that there is one
        column more. Returns the outputs (batch, source + 1, hidden) and the
        decoder's first state (batch, hidden).
        """
        length = (source != PADDING).sum(dim=1, keepdim=True)  # (batch, 1)
        longer = nn.functional.pad(source, (0, 1), value=PADDING)
        return self.encoder(longer.scatter(1, length, END))

    def step(
        self, previous: Tensor, state: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Predict the next words; shapes as in RecipeDecoder."""
        return self.decoder(previous, state, memory)

    def forward(
        self, source: Tensor, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Translate with the right previous words given (teacher forcing).

        source: (batch, source), previous: (batch, target), both int64.
        Returns logits (batch, target, vocabulary) and weights (batch, target,
            source + 1).
        """
        outputs, state = self.encode(source)
        logits, weights, _ = self.step(previous, state, outputs)
        return logits, weights


def padded_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean negative log-likelihood, padding counted like words.

    logits: (batch, target, vocabulary), target: (batch, target).
    """
    likelihood = logits.log_softmax(dim=2).flatten(0, 1)
    return nn.functional.nll_loss(likelihood, target.flatten())


def mixed_batches(
    items: int, size: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield the indices of one batch after another, in a random order.

    Each epoch has every item once; lengths are mixed.
    """
    while True:
        yield from torch.randperm(items, generator=generator).split(size)


def train_recipe(
    model: RecipeTranslator, sources: Tensor, targets: Tensor, seed: int
) -> Iterator[tuple[float, int]]:
    """Train for one step each time that a value is asked for.

    sources: (items, source), targets: (items, target) with START and END.
    Yields the loss and how many pairs the step saw.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizers = [
        torch.optim.Adam(part.parameters(), lr=RATE)
        for part in (model.encoder, model.decoder)
    ]
    model.train()
    for chosen in mixed_batches(len(sources), BATCH_SIZE, generator):
        source, target = cropped(sources[chosen]), cropped(targets[chosen])
        logits, _ = model(source, target[:, :-1])
        loss = padded_loss(logits, target[:, 1:])
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        yield loss.item(), len(chosen)


def recipe_exact_match(model: RecipeTranslator, numbers: list[int]) -> float:
    """Return the share of numbers with every morpheme right.

    In batches as in training: the model reads padding, and so it finds as
    much of it here as there.
    """
    training = model.training
    model.eval()
    translations = translate(model, numbers, batch_size=BATCH_SIZE)
    model.train(training)
    pairs = zip(numbers, translations, strict=True)
    return sum(german(n) == said for n, (said, _) in pairs) / len(numbers)
