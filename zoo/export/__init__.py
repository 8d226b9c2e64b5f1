"""Models in the formats of other runtimes: ONNX, SavedModel, LiteRT."""

from zoo.export.write import export as export
