# %% [markdown]
# # Hands-on
#
# Some $x_i$ text.
#
# ## A heading

# %%
import matplotlib.pyplot as plt
import torch

print(torch.ones(2).shape)

# %% alt="A line from 0 to 1."
figure, axes = plt.subplots()
axes.plot([0, 1])
plt.show()
