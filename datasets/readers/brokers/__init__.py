"""What brokers send: alert packets and exported light curves.

| of | read in |
|---|---|
| ZTF, and brokers that pass its packets on | `ztf_alerts` |
| Rubin/LSST and ELAsTiCC | `lsst_alerts` |
| BOOM | `boom` |
| Fink, ALeRCE, Lasair, SkyPortal, light curves of the BTS | `fink_alerce_lasair` |
"""
