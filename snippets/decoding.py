"""A small decoder that writes word by word, with and without a cache."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import check_integers, expect
from snippets.kv_cache import KVCache
from snippets.multi_head_attention import MultiHeadAttention


# --8<-- [start:parts]
def places(
    words: Tensor, caches: list[KVCache] | None, longest: int
) -> Tensor:
    """Return the positions of new words, behind those in the caches.

    words: (batch, new), int64. longest: how many positions there are.
    Returns (1, new), or (batch, new) if rows are of different lengths.
    Raises ValueError for words of a wrong kind or shape, and for too many.
    """
    check_integers("words", words, "batch", "new")
    before = torch.as_tensor(caches[0].length if caches else 0)
    before = before.to(words.device).view(-1, 1)
    end = int(before.max()) + words.size(1)
    expect(end <= longest, "words", f"at most {longest} in all", end)
    return before + torch.arange(words.size(1), device=words.device)


class Parts(nn.Module):
    """The layers of a small decoder.

    Only what a cache needs: a Transformer has normalisation and feed-forward
    layers too, which work on each position by itself.
    """

    def __init__(
        self,
        vocabulary: int,
        features: int,
        num_heads: int,
        *,
        layers: int = 2,
        longest: int = 64,
    ) -> None:
        """Make all parts; longest: positions that have a vector."""
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, features)
        self.position = nn.Embedding(longest, features)
        self.layers = nn.ModuleList(
            MultiHeadAttention(features, num_heads) for _ in range(layers)
        )
        self.output = nn.Linear(features, vocabulary)

    def make_caches(self, batch: int, capacity: int) -> list[KVCache]:
        """Make a cache for each layer: no two layers share one."""
        return [layer.new_cache(batch, capacity) for layer in self.layers]


# --8<-- [end:parts]


# --8<-- [start:module]
class Decoder(Parts):
    """Reads words and gives, after each, the logits of the next one."""

    def forward(
        self, words: Tensor, caches: list[KVCache] | None = None
    ) -> Tensor:
        """Read the words (batch, new), which follow those in the caches.

        Returns logits (batch, new, vocabulary).
        Raises ValueError for words of a wrong kind or shape, and for too many.
        """
        place = places(words, caches, self.position.num_embeddings)
        state = self.embedding(words) + self.position(place)
        for number, layer in enumerate(self.layers):
            cache = caches[number] if caches else None
            context, _ = layer(state, cache=cache, is_causal=True)
            state = state + context  # (batch, new, features)
        return self.output(state)  # (batch, new, vocabulary)


# --8<-- [end:module]


# --8<-- [start:write]
@torch.no_grad()
def write(
    model: Decoder,
    words: Tensor,
    count: int,
    caches: list[KVCache] | None = None,
) -> Tensor:
    """Write count words after the given ones, the likeliest each time.

    words: (batch, length), int64. caches: hold none or the first of words.
    Returns words (batch, length + count).
    """
    for _ in range(count):
        # With a cache the model reads only what it has not read before.
        new = words[:, caches[0].length :] if caches else words
        logits = model(new, caches)  # (batch, new, vocabulary)
        likeliest = logits[:, -1:].argmax(dim=2)  # (batch, 1)
        words = torch.cat((words, likeliest), dim=1)
    return words


# --8<-- [end:write]
