# %% [markdown]
# # A night of alerts
#
# A survey sends new observations of many objects every night. `zoo.Stream` keeps the
# network state of each object and takes one step per new observation, instead of
# repeating all earlier steps. The nights here are simulated;
# `zoo.datasets.readers.formats.read` makes the same table from ZTF or Rubin packets.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import zoo
from zoo.datasets.simulator import simulate
from zoo.light_curves import concatenate
from zoo.taxonomy import BTS, class_indices, collapse

MODEL = "ztfsims-gru"
OBJECTS = 600

# %% [markdown]
# ## The survey
#
# 600 objects whose light curves begin within 60 nights. We hide the redshifts, which
# are unknown when alerts arrive.

# %%
simulated = concatenate(list(simulate("ztfsims", objects=OBJECTS, seed=20)))
photometry, metadata = simulated.to_tables()
start = photometry.groupby("object_id")["mjd"].transform("min")
random = np.random.default_rng(0)
begins = pd.Series(random.uniform(0, 60, OBJECTS), index=simulated.object_id)
photometry["mjd"] += 61000 + photometry["object_id"].map(begins) - start
metadata = metadata.assign(redshift=np.nan)
nights = [rows for _, rows in photometry.groupby(np.floor(photometry["mjd"]))]
print(f"{len(photometry)} observations in {len(nights)} nights")

# %% [markdown]
# ## Night by night
#
# `push` returns one row for each observed object: its current probabilities, or the
# reason why it has none yet.

# %%
stream = zoo.Stream(MODEL)
tables = []
began = time.perf_counter()
for number, rows in enumerate(nights):
    table = stream.push(rows, metadata)
    tables.append(table.assign(night=number))
seconds = time.perf_counter() - began
print(f"{len(stream)} objects, {len(photometry) / seconds:.0f} observations a second")
tables[30].drop(columns=["reason", "night"]).head().round(2)

# %% [markdown]
# ## What to follow up
#
# The five objects of one night with the highest probability of being a TDE.

# %%
night = tables[60]
night[night["reason"] == ""].nlargest(5, "TDE")[["TDE", "AGN", "SNIIn"]].round(2)

# %% [markdown]
# ## How quickly the class is known
#
# The fraction of objects whose most probable class is the true one, among the five
# classes of the Bright Transient Survey, against the number of pushes since the
# trigger.

# %%
history = pd.concat(tables)
history = history[history["reason"] == ""]
classes = tuple(history.columns.drop(["reason", "night"]))
coarse = collapse(history[list(classes)].to_numpy(), classes, BTS)
labels = pd.Series(simulated.labels, index=simulated.object_id)
truth = class_indices(labels[history.index], BTS)
history = history.assign(correct=coarse.argmax(axis=1) == truth)[truth >= 0]
pushes = history.groupby(level=0).cumcount() + 1
fraction = history.groupby(pushes)["correct"].agg(["mean", "size"])
fraction = fraction[fraction["size"] >= 50]["mean"]
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(fraction.index, fraction)
axes.set(xlabel="pushes since the trigger", ylabel="fraction correct", ylim=(0, 1))
plt.show()

# %% [markdown]
# ## The same result as all at once
#
# If observations arrive in time order, a stream gives the same probabilities as
# `zoo.classify` on all of them together.

# %%
last = pd.concat(tables)
last = last[~last.index.duplicated(keep="last")].drop(columns=["reason", "night"])
at_once = zoo.classify(MODEL, photometry, metadata).drop(columns="reason")
difference = float((last - at_once.loc[last.index]).abs().max().max())
print(f"largest difference {difference:.1g}")

# %% [markdown]
# ## Stop and resume
#
# A stream is saved in one file. `forget` removes objects that have faded.

# %%
stream.save("stream.npz")
again = zoo.Stream.restore("stream.npz", MODEL)
forgotten = again.forget(before=61060)
print(f"{forgotten} of {forgotten + len(again)} objects forgotten")
