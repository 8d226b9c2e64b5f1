"""Adapt a model to a simulated survey, before the first label or with labels."""

from zoo.adapt.adapt import Adapted as Adapted
from zoo.adapt.adapt import adapt_model as adapt_model
from zoo.adapt.adapt import transfer_adapted as transfer_adapted
