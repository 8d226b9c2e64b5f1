# %% [markdown]
# # Quickstart
#
# Classify light curves with a bundled model, follow its predictions as observations
# arrive, and measure how good it is. Works offline; no training.

# %%
import matplotlib.pyplot as plt
import numpy as np

import zoo
from zoo.datasets.simulator import simulate
from zoo.evaluation.scores import score
from zoo.inference.history import history
from zoo.inference.runtime import Runtime
from zoo.light_curves import concatenate
from zoo.taxonomy import BTS, class_indices, collapse

MODEL = "ztfsims-gru"
OBJECTS = 600

# %% [markdown]
# ## Available models

# %%
zoo.models()[["revision", "survey", "classes", "macro_auroc"]]

# %% [markdown]
# ## Light curves
#
# 600 simulated ZTF light curves that the model never saw. A light-curve table has one
# row per observation and one row of metadata per object; your own data would look the
# same.

# %%
light_curves = concatenate(list(simulate("ztfsims", objects=OBJECTS, seed=20)))
photometry, metadata = light_curves.to_tables()
photometry.head()

# %%
metadata[["object_id", "redshift", "mwebv", "label"]].head()

# %% [markdown]
# ## Classify
#
# One row per object and one column per class; rows sum to 1. The redshift may be
# unknown for any object.

# %%
probabilities = zoo.classify(MODEL, photometry, metadata)
probabilities.drop(columns="reason").head().round(2)

# %% [markdown]
# ## Measure
#
# Compare with the labels of the simulation. Macro figures average over the classes.

# %%
classes = tuple(probabilities.columns.drop("reason"))
truth = class_indices(light_curves.labels, classes)
scores = score(probabilities[list(classes)].to_numpy(), truth, classes, seed=0)
low, high = scores["intervals"]["macro_auroc"]
print(f"macro AUROC {scores['macro_auroc']:.3f} ({low:.3f} to {high:.3f})")
print(f"accuracy {scores['accuracy']:.3f}, calibration error {scores['ece']:.3f}")

# %% [markdown]
# The 12 classes are hard to separate from a light curve alone. For the five coarser
# classes of the Bright Transient Survey, probabilities are summed.

# %%
truth = class_indices(light_curves.labels, BTS)
coarse = collapse(probabilities[list(classes)].to_numpy(), classes, BTS)
scores = score(coarse[truth >= 0], truth[truth >= 0], BTS, seed=0)
print(f"macro AUROC {scores['macro_auroc']:.3f} in {len(BTS)} classes")

# %% [markdown]
# ## One object as its observations arrive
#
# Features are causal, so each step is what the model would have predicted that night.

# %%
one = light_curves.take([int(np.argmax(light_curves.lengths))])
table = history(Runtime.load(MODEL), one)
likely = table[list(classes)].max().nlargest(4).index
figure, axes = plt.subplots(figsize=(7, 3))
for label in likely:
    axes.step(table["days_since_trigger"], table[label], where="post", label=label)
axes.set(
    xlabel="days since trigger",
    ylabel="probability",
    title=f"{one.object_id[0]}, true class {one.labels[0]}",
)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What the network sees
#
# The latent layer (100 numbers per object), projected on its two principal components.

# %%
latent = zoo.embed(MODEL, light_curves).drop(columns="reason").to_numpy()
centred = latent - latent.mean(axis=0)
_, _, directions = np.linalg.svd(centred, full_matrices=False)
x, y = (centred @ directions[:2].T).T
figure, axes = plt.subplots(figsize=(6, 4))
for label in ("SNIa", "SNII", "TDE", "SLSN-I", "AGN"):
    rows = light_curves.labels == label
    axes.plot(x[rows], y[rows], "o", ms=3, label=label)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# Next: transfer a model to your survey, or classify a night of alerts.
