"""The network for other runtimes."""

from zoo.export.write import export as export
