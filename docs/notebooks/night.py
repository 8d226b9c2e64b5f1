# %% [markdown]
# # A night of alerts
#
# A survey sends new observations of many objects every night. `zoo.Stream` keeps the
# state of the network for each object and takes one step per observation, in place of
# all of them anew. Here the nights are simulated; packets of ZTF or Rubin become the
# same table with `zoo.datasets.readers.formats.read`.

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
# 600 objects whose light curves begin within 60 nights. Redshifts are hidden, as they
# are when alerts come.

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
# `push` returns one row for each object that was observed: its probabilities as of now,
# or the reason why it has none yet.

# %%
stream = zoo.Stream(MODEL)
said = []
began = time.perf_counter()
for number, rows in enumerate(nights):
    table = stream.push(rows, metadata)
    said.append(table.assign(night=number))
seconds = time.perf_counter() - began
print(f"{len(stream)} objects, {len(photometry) / seconds:.0f} observations a second")
said[30].drop(columns=["reason", "night"]).head().round(2)

# %% [markdown]
# ## What to point a telescope at
#
# The objects of one night by the probability of a TDE.

# %%
night = said[60]
night[night["reason"] == ""].nlargest(5, "TDE")[["TDE", "AGN", "SNIIn"]].round(2)

# %% [markdown]
# ## How fast a class is known
#
# The share of all objects whose most probable class, in the five of the Bright
# Transient Survey, is the true one, against the number of pushes since the trigger.

# %%
history = pd.concat(said)
history = history[history["reason"] == ""]
classes = tuple(history.columns.drop(["reason", "night"]))
coarse = collapse(history[list(classes)].to_numpy(), classes, BTS)
labels = pd.Series(simulated.labels, index=simulated.object_id)
truth = class_indices(labels[history.index], BTS)
history = history.assign(right=coarse.argmax(axis=1) == truth)[truth >= 0]
pushes = history.groupby(level=0).cumcount() + 1
share = history.groupby(pushes)["right"].agg(["mean", "size"])
share = share[share["size"] >= 50]["mean"]
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(share.index, share)
axes.set(xlabel="pushes since the trigger", ylabel="share that is right", ylim=(0, 1))
plt.show()

# %% [markdown]
# ## The same as all at once
#
# For observations in the order of time, a stream says what `zoo.classify` says of all
# of them together.

# %%
last = pd.concat(said)
last = last[~last.index.duplicated(keep="last")].drop(columns=["reason", "night"])
at_once = zoo.classify(MODEL, photometry, metadata).drop(columns="reason")
difference = float((last - at_once.loc[last.index]).abs().max().max())
print(f"largest difference {difference:.1g}")

# %% [markdown]
# ## Stop and go on
#
# A stream is kept in one file; objects that ended are forgotten.

# %%
stream.save("stream.npz")
again = zoo.Stream.restore("stream.npz", MODEL)
forgotten = again.forget(before=61060)
print(f"{forgotten} of {forgotten + len(again)} objects forgotten")
