# %% [markdown]
# # Hands-on Notebook
#
# <details class="question"><summary>From the page before: What happens to the weights if the query is zero?</summary><p>The keys alone decide, so every query asks the same.</p></details>
#
# To run it on your machine: `pip install torch numpy matplotlib jupyterlab`.
#
# This is additive attention in one piece: the module, a small training, and what
# it has learnt. It was run when this page was made, and it takes a few seconds.
# Take it away as a notebook or as a Python script by the links above, or copy the
# blocks one after the other.

# %% [markdown]
# ## The module
#
# Project both sides, add, tanh, and weigh with a learnt vector:
# $e_{ij} = v^\top \tanh(W_q s_i + W_k h_j + b)$. This is the heart alone. The version
# that checks what it is given is on
# [Implementing Additive Attention](implementing-additive-attention.md).

# %%
# --8<-- "snippets/additive_core.py:module"

# %% [markdown]
# ## Data
#
# Two sentences. The first has five words, the second three; its last two
# positions are padding, and the mask says so.

# %%
torch.manual_seed(0)
sentences = torch.randn(2, 5, 8)  # (batch, source, key_size)
lengths = torch.tensor([5, 3])  # (batch)
mask = torch.arange(5) < lengths.unsqueeze(1)  # (batch, source)
mask = mask.unsqueeze(1)  # (batch, 1, source)

attention = Additive(query_size=8, key_size=8, hidden=32)
query = torch.randn(2, 1, 8)  # (batch, target, query_size)
context, weights = attention(query, sentences, mask)
print("context", tuple(context.shape), "weights", tuple(weights.shape))
for row in weights[:, 0].tolist():
    print([round(weight, 3) for weight in row])

# %% [markdown]
# Each row adds up to 1, and padding gets a weight of exactly zero. Otherwise the
# weights mean nothing yet.

# %% [markdown]
# ## Teach it something
#
# Now let the attention learn to *find*. The query is the vector of one word of
# the sentence, the wanted word, and the context should become that vector. The
# network is told neither the position nor that it should compare: it only gets
# a smaller loss when the context comes closer.

# %%
every_word = torch.ones(1, 1, 5, dtype=torch.bool)  # (1, 1, source)
optimizer = torch.optim.Adam(attention.parameters(), lr=0.02)
for step in range(201):
    sentences = torch.randn(64, 5, 8)  # (batch, source, key_size)
    position = torch.randint(5, (64,))  # (batch)
    wanted = sentences[torch.arange(64), position]  # (batch, key_size)
    query = wanted.unsqueeze(1)  # (batch, 1, query_size)
    context, _ = attention(query, sentences, every_word)
    loss = (context.squeeze(1) - wanted).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step:3d}  loss {loss.item():.3f}")

# %% [markdown]
# Does it find the words of sentences that it has never seen? Let every word of a
# thousand new sentences be asked for.

# %%
unseen = torch.randn(1000, 5, 8)  # (batch, source, key_size)
with torch.no_grad():
    _, weights = attention(unseen, unseen, every_word)
found = (weights.argmax(dim=2) == torch.arange(5)).float().mean().item()
print(f"largest weight on the wanted word: {found:.1%}")

# %% [markdown]
# Here are the weights of one new sentence, with each of its five words asked for
# in turn. The sentence stays the same; only the query changes, and the attention
# goes with it.

# %% alt="Grid of dots, five queries by five words. In each row the largest dot stands at the word that the query asks for, on the diagonal." caption="Weights in one new sentence. Each row is a query, each column a word; the area of a dot is the weight. Row 1 asks for word 1, row 2 for word 2, and so on."
import matplotlib.pyplot as plt

grid = weights[0]  # (target, source)
row, column = torch.meshgrid(torch.arange(5), torch.arange(5), indexing="ij")
figure, axes = plt.subplots(figsize=(4.8, 3.6))
axes.scatter(column, row, s=500 * grid)
axes.set_xticks(range(5), ["1", "2", "3", "4", "5"])
axes.set_yticks(range(5), ["1", "2", "3", "4", "5"])
axes.set_xlim(-0.5, 4.5)
axes.set_ylim(4.5, -0.5)
axes.set_xlabel("word")
axes.set_ylabel("query")
plt.show()

# %% [markdown]
# You have trained an attention to find something that nobody pointed at.
#
# ## Try it
#
# - Let the query speak another language: `query = wanted.flip(1).unsqueeze(1)`, the
#   numbers of the word in reverse order. Train a new module. Does it still learn?
# - Take out the tanh, and train again.
# - Hide the wanted word with the mask. What does the context become?
#
# <details class="tip"><summary>What to expect</summary><p>Query and key have a matrix each, so training can bring the two languages in line; a plain dot product has nothing to learn. Without the tanh every query gets the same weights, as worked out on <a href="../types-of-attention/additive.html#check-yourself">Additive Attention</a>, so nothing better than chance can be learnt. A hidden word has weight 0, and the context becomes a mixture of the others.</p></details>

# %% [markdown]
# ## Check yourself
#
# <details class="question"><summary>Ask for a word with all queries zero. Which weights do you get?</summary><p>The same row for every query: the keys alone decide.</p></details>
#
# <details class="question"><summary>The network is never told the position. How does it learn where to look?</summary><p>The loss compares vectors only. To make it small, the weights have to find the word.</p></details>
#
# <details class="question"><summary>What is missing between this module and a translator?</summary><p>An encoder that makes the keys, a decoder that makes the queries, and a training loop over sentences.</p></details>
