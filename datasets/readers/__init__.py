"""Readers of light curves, in every format in which surveys and brokers publish them.

    table = read(["alert1.avro", "alert2.avro"])
    for light_curves in stream("~/ELASTICC"):
        ...

A new format is a module with a `FORMAT`, see `zoo.datasets.readers.files.interface`, in
`files` (tables), `surveys` or `brokers`, that `zoo.datasets.readers.recognise` lists.
"""

from zoo.datasets.readers.formats import FORMATS, detect, read, stream

__all__ = ["FORMATS", "detect", "read", "stream"]
