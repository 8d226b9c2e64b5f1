# %% [markdown]
# # Transfer to your survey
#
# A model trained on simulated ZTF only adapts to simulated LSST with 100 labels: six
# passbands instead of two, a different depth and a different cadence. Takes a minute on
# one core.

# %%
import matplotlib.pyplot as plt
import numpy as np

import zoo
from zoo.datasets.simulator import simulate
from zoo.light_curves import concatenate

BASE = "ztfsims-gru"
OBJECTS = 1000
LABELS = 100
EPOCHS = 30

# %% [markdown]
# ## The survey
#
# To use your own table instead of the simulation, read it with
# `read_folder("my_table")` of `zoo.light_curves.folder`. 100 objects are for training;
# the others measure the result.

# %%
light_curves = concatenate(list(simulate("lsstsims", objects=OBJECTS, seed=3)))
order = np.random.default_rng(0).permutation(OBJECTS)
labelled = light_curves.take(order[:LABELS])
unseen = light_curves.take(order[LABELS:])
labelled.metadata["label"].value_counts()

# %% [markdown]
# ## Before the transfer
#
# zoo warns that the model was not trained on these passbands.

# %%
base = zoo.load(BASE)
before = zoo.evaluate(base, unseen, name="simulated LSST")
print(f"macro AUROC {before['macro_auroc']:.3f}, calibration error {before['ece']:.3f}")

# %% [markdown]
# ## Transfer
#
# `transfer` returns a new model, whose report lists what was copied; the base is not
# modified. `zoo.fit` then trains every layer, goes as far from the base as the labels
# show to help, and fits a temperature and the mix of classes.

# %%
mine = base.transfer(target="lsst")
report = zoo.fit(mine, labelled, epochs=EPOCHS, progress=False)
print(f"{report.objects} objects, {report.epochs} epochs, {report.seconds:.0f} s")
print(f"logits divided by {report.temperature:.2f}")

# %%
after = zoo.evaluate(mine, unseen, name="simulated LSST")
print(f"macro AUROC {after['macro_auroc']:.3f}, calibration error {after['ece']:.3f}")

# %% [markdown]
# ## Class by class

# %%
labels = list(after["per_class"])
figure, axes = plt.subplots(figsize=(7, 3.5))
for name, result, marker in (("base model", before, "o"), ("100 labels", after, "s")):
    values = [result["per_class"][label]["auroc"] for label in labels]
    axes.plot(values, labels, marker, label=name)
axes.set(xlabel="AUROC, one against the rest")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Save it
#
# A folder of plain files, ready for `zoo-cli card`, `verify` and `push`.

# %%
folder = zoo.save(mine, "lsst-from-ztf", metrics=after)
print(sorted(path.name for path in folder.iterdir()))
