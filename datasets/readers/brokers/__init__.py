"""What brokers send: alert packets and exported light curves.

| of | read in | one in memory |
|---|---|---|
| ZTF, and brokers that pass its packets on | `ztf_alerts` | `packet` |
| Rubin/LSST and ELAsTiCC | `lsst_alerts` | `packet` |
| BOOM and its stream Babamul | `boom` | `document` |
| Lasair, ALeRCE: objects with lists | `lists` | `document` |
| Fink, ALeRCE, Lasair, ANTARES, SkyPortal, Rubin: tables | `fink_alerce_lasair` | |
| Rubin's nested catalogues, lists of Fink | `nested_sources` | `one_object` |

What the names of fields mean stands in `observations`, `lsst_alerts` and `ztf_alerts`.
"""
