# %% [markdown]
# # Hands-on Notebook
#
# You need to know: nothing more than the pages before. To run it on your
# machine: `pip install torch matplotlib jupyterlab`.
#
# You will be able to: change every number of the walk and see what happens.
#
# This is the step-by-step example in one piece: data, module, decoder,
# weights. It was run when this page was made. Download it as a
# [notebook](hands-on.ipynb) or as a [Python script](hands-on.py), or copy the
# blocks one after the other.

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
# Before training the weights are nearly even. Let the attention learn a very
# small task: always return the encoder output of the *second* word. It is told
# the vector that it should return, not where to find it, so it has to learn
# that position from what marks the second word. Here that mark is a large
# first number.

# %%
sentences = torch.randn(64, 5, 16)  # (batch, source, hidden)
sentences[:, 1, 0] += 4.0
wanted = sentences[:, 1:2]  # (batch, target, hidden)
state = torch.zeros(64, 1, 16)  # (batch, target, hidden)
optimizer = torch.optim.Adam(attention.parameters(), lr=0.05)

for step in range(101):
    context, weights = attention(state, sentences)
    loss = (context - wanted).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        print(f"step {step:3d}  loss {loss.item():.3f}")

# %% [markdown]
# Where does it look now, in sentences that it has never seen? Each row is a
# sentence, each column a word.

# %% alt="Heat map of weights, eight new sentences by five words. In all rows nearly all of the weight is on the second word."
torch.manual_seed(1)
unseen = torch.randn(8, 5, 16)  # (batch, source, hidden)
unseen[:, 1, 0] += 4.0
_, weights = attention(state[:8], unseen)

figure, axes = plt.subplots(figsize=(4.4, 3.2))
mesh = axes.pcolormesh(weights[:, 0].detach(), vmin=0, vmax=1, cmap="Blues")
axes.set_xticks([0.5, 1.5, 2.5, 3.5, 4.5], ["1", "2", "3", "4", "5"])
axes.set_yticks([])
axes.set_xlabel("word")
axes.set_ylabel("sentence")
figure.colorbar(mesh, label="weight")
plt.show()

# %% [markdown]
# ## Try it
#
# - Make the mark smaller than 4 and train again. When does it stop working?
# - Replace the tanh by nothing. Which of the outputs above changes, and why
#   can it still learn this task?
# - Pass `mask` for sentences of different lengths, and give the padding large
#   random values: the weights of the real words must not change.
