# %% [markdown]
# # Hands-on Notebook
#
# <details class="question"><summary>From the page before: What happens to the weights if the query is zero?</summary><p>The keys alone decide, so every query asks the same.</p></details>
#
# To run it on your machine: `pip install torch numpy matplotlib jupyterlab`.
#
# This is the heart of the step-by-step example in one piece: data, module, a
# small training, weights. It was run when this page was made. Take it away as a
# notebook or as a Python script by the links above, or copy the blocks one after
# the other.

# %% [markdown]
# ## Data
#
# Two sentences. The first has five words, the second three; its last two
# positions are padding, and the mask says so.

# %%
# --8<-- "snippets/additive_attention.py:imports"

# %%
import matplotlib.pyplot as plt
import torch

torch.manual_seed(0)
encoder_outputs = torch.randn(2, 5, 16)  # (batch, source, hidden)
decoder_state = torch.randn(2, 1, 16)  # (batch, target, hidden)
lengths = torch.tensor([5, 3])  # (batch)
mask = torch.arange(5) < lengths.unsqueeze(1)  # (batch, source)
mask = mask.unsqueeze(1)  # (batch, 1, source)
print(encoder_outputs.shape, decoder_state.shape, mask.shape)

# %% [markdown]
# ## Checks and softmax
#
# The functions of this site check their input and say what is wrong with it.

# %%
# --8<-- "snippets/checks.py:checks"

# %%
# --8<-- "snippets/masked_softmax.py:module"

# %% [markdown]
# The softmax gives padding a weight of exactly zero, whatever its score:

# %%
score = torch.tensor([[[1.0, 2.0, 3.0, 99.0, 99.0]]])  # (1, 1, source)
print(masked_softmax(score, mask[1:]))

# %% [markdown]
# ## Additive attention
#
# Project both sides, add, tanh, and weigh with a learnt vector:
# $e_{ij} = v^\top \tanh(W_q s_i + W_k h_j + b)$.

# %%
# --8<-- "snippets/additive_attention.py:module"

# %%
attention = AdditiveAttention(query_size=16, key_size=16, hidden_size=16)
context, weights = attention(decoder_state, encoder_outputs, mask=mask)
print("context", context.shape)
print("weights", weights.shape)
for row in weights[:, 0].tolist():
    print([round(weight, 3) for weight in row])

# %% [markdown]
# ## Teach it something
#
# Before training the weights mean nothing. Let the attention learn a very
# small task: return the encoder output of the one word that carries a *mark*,
# a large first number, wherever it stands. It is told the vector that it
# should return, never the position, so it has to find out what marks the word.

# %%
def marked_sentences(batch):
    sentences = torch.randn(batch, 5, 16)  # (batch, source, hidden)
    position = torch.randint(5, (batch,))  # (batch)
    sentences[torch.arange(batch), position, 0] += 6.0
    return sentences, position


state = torch.zeros(1, 1, 16)  # (1, target, hidden): the same for all
optimizer = torch.optim.Adam(attention.parameters(), lr=0.02)
for step in range(201):
    sentences, position = marked_sentences(64)
    context, _ = attention(state.expand(64, -1, -1), sentences)
    wanted = sentences[torch.arange(64), position]  # (batch, hidden)
    loss = (context[:, 0] - wanted).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step:3d}  loss {loss.item():.3f}")

# %% [markdown]
# Does it find the mark in sentences that it has never seen?

# %%
unseen, position = marked_sentences(1000)
with torch.no_grad():
    _, weights = attention(state.expand(1000, -1, -1), unseen)
found = (weights[:, 0].argmax(dim=1) == position).float().mean().item()
print(f"largest weight on the marked word: {found:.1%}")

# %% [markdown]
# Eight of them, one a row. A cross stands in the cell of the marked word.

# %% alt="Heat map of weights, eight new sentences by five words. A cross in each row is on the marked word." caption="Weights after the small training, eight new sentences, one a row. The cross is on the marked word."
figure, axes = plt.subplots(figsize=(4.4, 3.2))
mesh = axes.pcolormesh(weights[:8, 0], vmin=0, vmax=1, cmap="Blues")
axes.plot(position[:8] + 0.5, torch.arange(8) + 0.5, "x", color="orange")
axes.set_xticks([0.5, 1.5, 2.5, 3.5, 4.5], ["1", "2", "3", "4", "5"])
axes.set_yticks([])
axes.set_xlabel("word")
axes.set_ylabel("sentence")
figure.colorbar(mesh, label="weight")
plt.show()

# %% [markdown]
# ## Try it
#
# - Make the mark smaller than 6 and train again. When does it stop working?
# - Take out the tanh. Which of the outputs above changes? Can it still learn
#   this task, and why?
# - Pass `mask` for sentences of different lengths, and give the padding large
#   random values: the weights of the real words must not change.
#
# You have trained an attention to find something that nobody pointed at.

# %% [markdown]
# ## Check yourself
#
# <details class="question"><summary>The query is zero here. How can the attention still find the mark?</summary><p>The mark is in the key: the score of a word with a large first number becomes large.</p></details>
#
# <details class="question"><summary>Why is the position never given to the network?</summary><p>The loss compares vectors only. To make it small, the weights have to find the word.</p></details>
#
# <details class="question"><summary>What is missing between this module and a translator?</summary><p>An encoder that makes the keys, a decoder that makes the queries, and a training loop over sentences.</p></details>
