"""What the columns of photometry and metadata are called, by us and by others."""

COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
"""Columns that a photometry table must have."""

PHOTOMETRY: dict[str, tuple[str, ...]] = {
    "object_id": (
        *("object_id", "objectId", "oid", "obj_id", "ztf_id", "ZTFID", "diaObjectId"),
        *("SNID", "snid"),
    ),
    "mjd": ("mjd", "MJD", "time", "mjd_obs", "mjdobs"),
    "band": ("band", "filter", "bandpass", "flt"),
    "flux": ("flux",),
    "flux_err": ("flux_err", "fluxerr", "flux_error", "fluxerror"),
    "zeropoint": ("zeropoint", "zp", "zpt", "zero_point"),
    "wavelength": ("wavelength",),
    "zpsys": ("zpsys", "zpmagsys", "magsys"),
    "detected": ("detected",),
}
"""Names of each column of the photometry: ours, those of sncosmo
(`PHOTDATA_ALIASES` of sncosmo 2.13, without its `jd` and `date`, which are not MJDs),
of SkyPortal and of the brokers."""

METADATA: dict[str, tuple[str, ...]] = {
    "redshift": ("redshift", "z", "REDSHIFT"),
    "redshift_err": ("redshift_err", "z_err", "zerr", "redshift_error"),
    "mwebv": ("mwebv", "ebv", "mw_ebv", "ebv_mw", "MWEBV"),
    "ra": ("ra",),
    "dec": ("dec", "decl"),
    "label": ("label",),
}
"""Names of each column of the metadata, which photometry may repeat in every row."""

HOST: dict[str, str] = {
    **{f"host_mag_{band}": "AB magnitude of the host" for band in "ugrizy"},
    "host_g_r": "host_mag_g - host_mag_r, mag",
    "host_offset": "arcsec from the host",
    "sgscore": "0 (a galaxy) to 1 (a star)",
}
"""Further columns of the metadata that readers of alert packets give, and their units;
`docs/howto/host_and_photoz.md` has where each comes from."""

SIMULATED = ("peak_abs_mag",)
"""Numbers in the metadata of our own simulations, which no model may see."""
