"""A small language model: the verb of a sentence belongs to its first noun."""

# --8<-- [start:sentences]
import itertools
import math

import torch
from torch import Tensor, nn

SAYS = {  # a noun with an s is several, a verb with an s is one's
    "cat": "purr",
    "dog": "bark",
    "bird": "sing",
    "lion": "roar",
    "duck": "quack",
    "frog": "croak",
}
NOUNS = [*SAYS, *(noun + "s" for noun in SAYS)]
ADJECTIVES = ("", "black", "old", "small")
PLACES = ("near", "behind")
END = "."  # ends a sentence, and fills a short one up
VERBS = [*SAYS.values(), *(verb + "s" for verb in SAYS.values())]
WORDS = [END, "the", *ADJECTIVES[1:], *PLACES, *NOUNS, *VERBS]
INDEX = {word: index for index, word in enumerate(WORDS)}


def make_beginnings() -> list[list[str]]:
    """Return every beginning: who, and near or behind none, one or two."""
    who = [
        ["the", *adjective.split(), noun]
        for adjective, noun in itertools.product(ADJECTIVES, NOUNS)
    ]
    one = [[place, "the", n] for place, n in itertools.product(PLACES, NOUNS)]
    two = [first + second for first, second in itertools.product(one, one)]
    return [subject + where for subject in who for where in [[], *one, *two]]


def verb_of(beginning: list[str]) -> str:
    """Return the verb that belongs to the first noun."""
    first = next(word for word in beginning if word in NOUNS)
    one = first.removesuffix("s")
    return SAYS[one] + ("s" if first == one else "")


def encode(sentences: list[list[str]]) -> Tensor:
    """Return the words' numbers, (batch, length), each row filled up."""
    length = max(map(len, sentences))
    filled = [s + [END] * (length - len(s)) for s in sentences]
    return torch.tensor([[INDEX[word] for word in s] for s in filled])


# --8<-- [end:sentences]


# --8<-- [start:model]
class LanguageModel(nn.Module):
    """Predicts the next word from all words so far, by one self-attention.

    attends: "learnt"; or "equal", the same weight for each word so far.
    """

    def __init__(self, attends: str = "learnt", features: int = 32) -> None:
        """Make the vectors of words and positions, and the linear maps."""
        super().__init__()
        self.attends = attends
        self.word = nn.Embedding(len(WORDS), features)
        self.position = nn.Embedding(16, features)
        self.query = nn.Linear(features, features, bias=False)
        self.key = nn.Linear(features, features, bias=False)
        self.value = nn.Linear(features, features, bias=False)
        self.output = nn.Linear(features, len(WORDS), bias=False)

    def forward(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of the next word at each place, and the weights.

        words: (batch, length). Returns (batch, length, words) and (batch,
            length, length).
        """
        length = words.size(1)
        position = self.position(torch.arange(length))  # (length, features)
        vectors = self.word(words) + position  # (batch, length, features)
        query, key = self.query(vectors), self.key(vectors)
        score = query @ key.mT / math.sqrt(key.size(-1))
        if self.attends == "equal":
            score = torch.zeros_like(score)  # (batch, length, length)
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        weights = torch.softmax(score.masked_fill(later, -math.inf), dim=-1)
        context = weights @ self.value(vectors)  # (batch, length, features)
        return self.output(vectors + context), weights


# --8<-- [end:model]


# --8<-- [start:train]
def split(seed: int = 0) -> tuple[list[list[str]], list[list[str]]]:
    """Return beginnings to train on, and a fifth that is kept aside."""
    generator = torch.Generator().manual_seed(seed)
    beginnings = make_beginnings()
    order = torch.randperm(len(beginnings), generator=generator).tolist()
    fifth = len(order) // 5
    shuffled = [beginnings[place] for place in order]
    return shuffled[fifth:], shuffled[:fifth]


def train(attends: str, seed: int, steps: int = 1500) -> LanguageModel:
    """Train a model to predict each next word of sentences with a verb."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    beginnings, _ = split()
    model = LanguageModel(attends)
    optimizer = torch.optim.Adam(
        model.parameters(), lr=0.01, weight_decay=0.0002
    )
    for _ in range(steps):
        rows = torch.randint(len(beginnings), (64,), generator=generator)
        drawn = [beginnings[row] for row in rows.tolist()]
        words = encode([[*begun, verb_of(begun), END] for begun in drawn])
        logits, _ = model(words[:, :-1])
        loss = nn.functional.cross_entropy(logits.mT, words[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


# --8<-- [end:train]
