"""Classify on Apache Beam: the same code on one machine and on a cluster.

    from zoo.beam import Classify, ToLightCurves

    with beam.Pipeline(options=options) as pipeline:
        (
            pipeline
            | beam.io.ReadFromParquet("gs://bucket/photometry-*.parquet")
            | beam.Map(lambda row: (row["object_id"], row))
            | beam.GroupByKey()
            | ToLightCurves()
            | Classify("ztfsims-gru")
            | beam.FlatMap(lambda t: t.reset_index().to_dict("records"))
            | ...
        )

On machines of one kind, results do not depend on how objects are divided into bundles,
to the bit. Install the extra `beam`: pip install "transient-zoo[beam]". Keras is not
needed. Each worker uses all its cores; OMP_NUM_THREADS limits them.
"""

from zoo.beam.classify import Classify as Classify
from zoo.beam.classify import ToLightCurves as ToLightCurves
