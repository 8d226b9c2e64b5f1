"""Tables that break no rule but cannot be what they say, and sound ones."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from models import small_model

import zoo
from zoo.evaluation.predictions import predict_labelled
from zoo.inference.parts import classify_parts
from zoo.inference.runtime import Runtime
from zoo.inference.tally import Tally
from zoo.inputs.plausibility import Plausibility
from zoo.light_curves.accept import read
from zoo.light_curves.table import Part, from_tables

DEPTH = {"ztfg": 20.4, "lsstr": 24.2, "desi": 24.3, "uvot::uvw1": 20.0, "mine": 22.0}


def table(objects=1, band="ztfg", brighter=2.5, rows=30, redshift=0.08, depth=None):
    """Rising and falling transients, with errors as of a sky that changes nightly.

    `brighter` is how far, mag, the peak lies above the 5-sigma depth.
    """
    random = np.random.default_rng(objects)
    days = np.arange(rows) * 2.0
    photometry = []
    for number in range(objects):
        depths = (DEPTH[band] if depth is None else depth) + random.normal(0, 0.2, rows)
        sky = 10 ** (-0.4 * (depths - 27.5)) / 5
        peak = 10 ** (-0.4 * (np.median(depths) - brighter - 27.5))
        flux = peak * np.exp(-0.5 * ((days - 20) / 10) ** 2)
        flux_err = np.hypot(sky, 0.02 * flux)
        photometry.append(
            pd.DataFrame(
                {
                    "object_id": f"object-{number}",
                    "mjd": 60000.0 + days,
                    "band": band,
                    "flux": flux + random.normal(0, flux_err),
                    "flux_err": flux_err,
                }
            )
        )
    joined = pd.concat(photometry, ignore_index=True)
    if band == "mine":
        joined["wavelength"] = 0.6
    names = [f"object-{number}" for number in range(objects)]
    metadata = {"object_id": names, "redshift": redshift, "mwebv": 0.03}
    return joined, pd.DataFrame({**metadata, "label": "SNIa"})


def messages(photometry, metadata=None, **options) -> list[str]:
    return Plausibility.of(from_tables(photometry, metadata, **options)).messages()


def in_unit(photometry, zeropoint):
    """A table as it is written in another unit."""
    factor = 10 ** (0.4 * (zeropoint - 27.5))
    flux, flux_err = photometry["flux"] * factor, photometry["flux_err"] * factor
    return photometry.assign(flux=flux, flux_err=flux_err)


def in_magnitudes(photometry):
    photometry = photometry[photometry["flux"] > 3 * photometry["flux_err"]]
    flux, flux_err = photometry["flux"], photometry["flux_err"]
    magnitude = 27.5 - 2.5 * np.log10(flux)
    return photometry.assign(flux=magnitude, flux_err=1.0857 * flux_err / flux)


@pytest.mark.parametrize("band", DEPTH)
@pytest.mark.parametrize("objects", [1, 40])
@pytest.mark.parametrize("brighter", [-2.0, 2.5, 5.0])
def test_sound_tables_are_plausible(band, objects, brighter):
    assert messages(*table(objects, band, brighter)) == []


@pytest.mark.parametrize("objects", [1, 40])
@pytest.mark.parametrize("band", ["ztfg", "lsstr", "desi", "uvot::uvw1"])
def test_magnitudes_in_the_column_of_the_fluxes_are_named(band, objects):
    photometry, metadata = table(objects, band, 4.0)
    (message,) = messages(in_magnitudes(photometry), metadata)
    assert message.startswith("the fluxes seem to be magnitudes")
    assert "10^(-0.4 (mag - 27.5))" in message


@pytest.mark.parametrize("objects", [1, 40])
@pytest.mark.parametrize(
    ("band", "zeropoint", "kind"),
    [
        *(("ztfg", z, "small") for z in (8.9, 16.4, 23.9)),
        *(("lsstr", z, "small") for z in (8.9, 16.4, 23.9)),
        *((band, 31.4, "large") for band in ("ztfg", "lsstr", "desi")),
    ],
)
def test_another_unit_is_noticed_and_its_zero_point_offered(
    band, zeropoint, kind, objects
):
    photometry, metadata = table(objects, band)
    photometry = in_unit(photometry, zeropoint)
    (message,) = messages(photometry, metadata)
    assert message.startswith(f"the fluxes seem to be too {kind} for zero point 27.5")
    assert f"--zeropoint {zeropoint:g} (" in message
    assert messages(photometry, metadata, zeropoint=zeropoint) == []


def test_where_no_depth_is_known_only_what_no_telescope_reaches_is_noticed():
    photometry, metadata = table(band="mine")
    assert messages(in_unit(photometry, 23.9), metadata) == []
    (message,) = messages(in_unit(photometry, 8.9), metadata)
    assert "23.9 (uJy) or 31.4 (nJy)" in message


def test_bright_stars_behind_a_difference_are_no_other_unit():
    photometry, metadata = table(20, depth=15.5, redshift=np.nan)
    assert messages(photometry, metadata) == []
    (message,) = messages(photometry, metadata.assign(redshift=0.08))
    assert "too large" in message


def test_errors_that_are_made_up_tell_no_depth():
    photometry, metadata = table(20)
    constant = photometry.assign(flux_err=10.0)  # as of a stack of 100 exposures
    assert messages(constant, metadata) == []
    (message,) = messages(photometry.assign(flux_err=1e-4), metadata)
    assert message.startswith("flux_err seems to be wrong")


def test_errors_far_below_any_calibration_are_noticed():
    photometry, metadata = table(10)
    small = photometry["flux"].abs() * 1e-4 + 1e-6
    (message,) = messages(photometry.assign(flux_err=small), metadata)
    assert message.startswith("flux_err seems to be wrong: it is below 0.1 %")


def test_flux_and_error_that_are_swapped_are_noticed():
    photometry, metadata = table(10, brighter=3.0)
    seen = photometry[photometry["flux"] > 3 * photometry["flux_err"]]
    swapped = seen.rename(columns={"flux": "flux_err", "flux_err": "flux"})
    (message,) = messages(swapped, metadata)
    assert message.startswith("flux and flux_err seem to be swapped")


def test_noise_alone_is_no_swap():
    assert messages(*table(brighter=-9.0)) == []


@pytest.mark.parametrize(
    "times",
    [
        lambda mjd: mjd - 50000,
        lambda mjd: mjd - mjd.min(),
        lambda mjd: 2000 + (mjd - 51544) / 365.25,
        lambda mjd: mjd + 40000,
    ],
)
def test_times_that_are_no_dates_are_noticed(times):
    photometry, metadata = table(5)
    (message,) = messages(photometry.assign(mjd=times(photometry["mjd"])), metadata)
    assert message.startswith("the values of mjd, ")


def test_times_counted_from_an_event_are_meant_so():
    photometry, metadata = table(5)
    assert messages(photometry.assign(mjd=photometry["mjd"] - 60020), metadata) == []


def test_redshift_zero_is_noticed_in_a_single_object():
    photometry, metadata = table(20)
    metadata.loc[3, "redshift"] = 0.0
    (message,) = messages(photometry, metadata)
    assert message.startswith(
        "redshift is 0, that of the Milky Way, in 1 of 20 objects"
    )


def test_many_objects_in_the_milky_way_plane_are_noticed():
    photometry, metadata = table(20)
    swapped = metadata.assign(redshift=0.03, mwebv=0.5)
    (message,) = messages(photometry, swapped)
    assert message.startswith("mwebv is above 0.4, as in the plane")


def test_objects_without_observations_say_nothing():
    photometry, metadata = table(1)
    light_curves = from_tables(photometry, metadata)
    assert Plausibility.of(light_curves.take([])).messages() == []
    assert Plausibility().messages() == []


def test_parts_say_what_the_whole_says():
    photometry, metadata = table(40, "lsstr")
    light_curves = from_tables(in_unit(photometry, 23.9), metadata)
    whole, parts = Plausibility.of(light_curves), Plausibility()
    for number in range(40):
        part = Plausibility.of(light_curves.take([number]))
        parts.merge(pickle.loads(pickle.dumps(part)))  # as a worker of Beam sends it
    for name in ("rows", "deep", "judged", "shallow", "buried", "precise", "objects"):
        assert getattr(parts, name) == getattr(whole, name)
    assert (parts.first, parts.last) == (whole.first, whole.last)
    assert len(parts.messages()) == len(whole.messages()) == 1


def test_a_file_read_part_by_part_is_told_once():
    photometry, metadata = table(12)
    light_curves = from_tables(in_magnitudes(photometry), metadata)
    runtime, tally = Runtime.of(small_model()), Tally()
    parts = [Part(light_curves.take([number])) for number in range(12)]
    assert len(list(classify_parts(runtime, parts, tally))) == 12
    with pytest.warns(UserWarning) as told:
        tally.announce(runtime)
    assert [str(one.message)[:34] for one in told] == [
        "the fluxes seem to be magnitudes: "
    ]


@pytest.mark.parametrize("function", [zoo.classify, zoo.embed, predict_labelled])
def test_every_way_in_tells(function):
    photometry, metadata = table(12)
    with pytest.warns(UserWarning, match="the fluxes seem to be magnitudes"):
        function(small_model(), (in_magnitudes(photometry), metadata))


def test_training_tells():
    photometry, metadata = table(12)
    metadata["label"] = ["SNIa", "TDE"] * 6
    data = (in_magnitudes(photometry), metadata)
    with pytest.warns(UserWarning, match="the fluxes seem to be magnitudes"):
        zoo.fit(small_model(), data, epochs=1, progress=False)


def test_a_stream_tells_once():
    photometry, metadata = table(4)
    photometry = in_magnitudes(photometry).sort_values("mjd")
    stream = zoo.Stream(small_model())
    with pytest.warns(UserWarning) as told:
        for row in range(len(photometry)):
            stream.push(photometry.iloc[[row]], metadata)
    assert len(photometry) > 50
    assert [str(one.message)[:34] for one in told] == [
        "the fluxes seem to be magnitudes: "
    ]


REAL = ("ztf_real", "mallorn", "atlas", "yse_ps1", "mallorn_unlabelled")


@pytest.mark.parametrize("name", REAL)
def test_no_real_table_is_called_implausible(test_data, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        light_curves = read(test_data / "tables" / name)
    random = np.random.default_rng(0)
    assert Plausibility.of(light_curves).messages() == []
    for size, copies in ((1, 300), (2, 100), (10, 50), (100, 20)):
        for _ in range(copies):
            chosen = random.choice(len(light_curves), size, replace=False)
            assert Plausibility.of(light_curves.take(chosen)).messages() == []


@pytest.mark.parametrize("name", ["ztf_real", "mallorn", "atlas", "yse_ps1"])
def test_real_tables_in_another_unit_are_noticed(test_data, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        light_curves = read(test_data / "tables" / name)
    random, noticed = np.random.default_rng(0), 0
    for _ in range(20):
        chosen = random.choice(len(light_curves), 10, replace=False)
        photometry, metadata = light_curves.take(chosen).to_tables()
        noticed += bool(messages(in_unit(photometry, 23.9), metadata))
        noticed += bool(messages(in_unit(photometry, 31.4), metadata))
        noticed += bool(messages(in_magnitudes(photometry), metadata))
    assert noticed >= 58
