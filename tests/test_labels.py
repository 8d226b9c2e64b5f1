"""Labels: every survey spelling becomes one canonical label, or is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zoo.labels import (
    ELASTICC_CODES,
    LABELS,
    PLASTICC_CODES,
    canonical,
    canonical_labels,
)
from zoo.spelling import did_you_mean
from zoo.taxonomy import PARENT

# Every spelling in the Bright Transient Survey exports, the ZTF-TNS cross-match, the
# Superphot+ labels, YSE DR1, ztf_real and mallorn, written out once by hand.
MET = {
    "SNIa": "SN Ia|SNIa|SN Ia-norm|SN Ia-91T|SN Ia-91T-like|SN Ia-pec|SN Ia-CSM|"
    "SN Ia-SC",
    "SNIa-91bg": "SN Ia-91bg|SN Ia-91bg-like",
    "SNIax": "SN Iax|SN Iax[02cx-like]",
    "SNIb": "SN Ib|SN Ib-pec",
    "SNIc": "SN Ic|SN Ic-pec",
    "SNIc-BL": "SN Ic-BL",
    "SNIb/c": "SN Ib/c|SNIbc",
    "SNIbn": "SN Ibn|SN Ibn/Icn",
    "SNIcn": "SN Icn",
    "SNII": "SN II|SNII|SN IIP|SN IIL|SN II-pec",
    "SNIIn": "SN IIn|SN IIn-pec",
    "SNIIb": "SN IIb",
    "TDE": "TDE|TDE-H-He|TDE-He",
    "SLSN-I": "SLSN-I|SLSN",
    "SLSN-II": "SLSN-II",
    "AGN": "AGN|QSO",
    "CV": "CV",
    "CaRT": "Ca-rich|SN Ia-Ca-rich|SN Ib-Ca-rich|SN Ic-Ca-rich",
    "FBOT": "FBOT",
    "GRB": "Afterglow",
    "ILRT": "ILRT",
    "LBV": "LBV|Impostor-SN",
    "LRN": "LRN",
    "M-dwarf": "M dwarf",
    "SNIen": "SN Ien",
    "galaxy": "Galaxy",
    "gap": "Gap",
    "nova": "nova|Nova",
    "other": "other|Other",
    "star": "Varstar",
    None: "SN|SN I|nan|NA|-|Unknown|",
}
SPELLINGS = {x: label for label, line in MET.items() for x in line.split("|")}

# Simulations: SIM_TYPE_NAME and SIM_MODEL_NAME of SNANA (ELAsTiCC, PLAsTiCC, YSE).
SIMULATED = {
    "SNIa-SALT3": "SNIa",
    "SALT2": "SNIa",
    "SNIa-91bg": "SNIa-91bg",
    "SNIax": "SNIax",
    "SNIb-Templates": "SNIb",
    "SNIb+HostXT_V19": "SNIb",
    "SNIcBL+HostXT_V19": "SNIc-BL",
    "SNII-NMF": "SNII",
    "SNII+HostXT_V19": "SNII",
    "SNIIn-MOSFIT": "SNIIn",
    "SNIIn+HostXT_V19": "SNIIn",
    "SNIIb+HostXT_V19": "SNIIb",
    "SLSN-I+host": "SLSN-I",
    "SLSN-I_no_host": "SLSN-I",
    "TDE": "TDE",
    "KN_K17": "KN",
    "PISN-STELLA_HECORE": "PISN",
    "uLens-Single_PyLIMA": "uLens",
    "dwarf-nova": "CV",
    "d-Sct": "d-Sct",
    "RRL": "RRL",
    "EB": "EB",
    "CLAGN": "AGN",
}

FILES = {
    "bts_tables/ZTF_BTS_23_29__22_09_2021.csv": "type",
    "bts_tables/ZTF_BTS_02_02__02_04_2021.csv": "type",
    "bts_tables/superphot_plus_labels.csv": "LABEL",
    "bts_tables/ztf_tns_crossmatch.csv": "tns",
    "yse_dr1/metadata.csv": "SPEC_CLASS",
    "ztf_real/metadata.csv": "spec_type",
    "mallorn/metadata.csv": "spec_type",
    "mallorn/native/train_log.csv": "SpecType",
}


@pytest.mark.parametrize(("spelling", "label"), (SPELLINGS | SIMULATED).items())
def test_survey_spelling_maps(spelling: str, label: str | None):
    assert canonical(spelling) == label


@pytest.mark.parametrize(("file", "column"), FILES.items())
def test_every_label_of_a_real_file_maps_as_written_here(
    test_data: Path, file: str, column: str
):
    table = pd.read_csv(test_data / file, keep_default_na=False, dtype=str)
    spellings = sorted(table[column].unique())
    assert {x: canonical(x) for x in spellings} == {x: SPELLINGS[x] for x in spellings}


# ztf_real merges SN IIb into SNIb/c; zoo.taxonomy and mallorn merge it into SNII.
@pytest.mark.parametrize(
    ("name", "merged_otherwise"), [("ztf_real", {"SN IIb": "SNIb/c"}), ("mallorn", {})]
)
def test_merged_labels_of_the_real_tables_agree_with_ours(
    test_data: Path, name: str, merged_otherwise: dict[str, str]
):
    table = pd.read_parquet(test_data / "tables" / name / "metadata.parquet")
    ours = {x: canonical(x) for x in table["spec_type"].unique()}
    merged = {x: PARENT.get(label, label) for x, label in ours.items()}
    theirs = table.groupby("spec_type")["label"].unique()
    assert {x: list(theirs[x]) for x in merged} == {
        x: [label] for x, label in (merged | merged_otherwise).items()
    }


@pytest.mark.parametrize("label", LABELS)
def test_canonical_label_maps_to_itself_in_any_case(label: str):
    assert canonical(label) == canonical(label.upper()) == label
    assert canonical(f"  {label} ") == label


@pytest.mark.parametrize(
    "missing", [None, float("nan"), np.nan, "", " ", "unclassified"]
)
def test_missing_label_is_unknown(missing: object):
    assert canonical(missing) is None


@pytest.mark.parametrize("spelling", ["SN Iz", "SNIa SNII", "supernova", "90", 7])
def test_unknown_spelling_is_refused(spelling: object):
    with pytest.raises(ValueError) as refusal:
        canonical(spelling)
    assert str(refusal.value) == (
        f"label {str(spelling)!r} is not a known class. Known: {', '.join(LABELS)}, "
        "and the usual survey spellings of these. Rename it, or leave it empty if "
        f"unknown.{did_you_mean(spelling, LABELS)}"
    )


def test_many_labels_at_once():
    got = canonical_labels(["SN Ia", None, "SN IIP", float("nan"), "SN Ia"])
    assert got.dtype == object
    assert got.tolist() == ["SNIa", None, "SNII", None, "SNIa"]
    assert canonical_labels([]).tolist() == []


def test_many_labels_refuse_the_unknown_one():
    with pytest.raises(ValueError, match="^label 'SN Iz' is not a known class"):
        canonical_labels(["SN Ia", "SN Iz"])


@pytest.mark.parametrize("codes", [PLASTICC_CODES, ELASTICC_CODES])
def test_integer_codes_lead_to_canonical_labels(codes: dict[int, str]):
    assert set(codes.values()) <= set(LABELS)


def test_plasticc_codes_of_the_real_truth_table_are_known(test_data: Path):
    truth = pd.read_csv(test_data / "plasticc" / "truth_metadata.csv")
    assert set(truth["target"]) <= set(PLASTICC_CODES)


def test_elasticc_separates_what_shares_a_number_with_plasticc():
    # 42 is SN II in PLAsTiCC and TDE in ELAsTiCC; 90 is SN Ia and Cepheid.
    assert (PLASTICC_CODES[42], ELASTICC_CODES[42]) == ("SNII", "TDE")
    assert (PLASTICC_CODES[90], ELASTICC_CODES[90]) == ("SNIa", "Cepheid")


def test_labels_are_append_only():
    # The integer label of every written data set is a position in this tuple: a new
    # label goes to the very end, after `other`.
    written = (
        "SNIa SNIa-91bg SNIax SNIb SNIc SNIc-BL SNIb/c SNIbn SNIcn SNII SNIIn SNIIb "
        "TDE SLSN-I AGN KN CaRT ILOT PISN uLens SLSN-II LBV LRN ILRT FBOT GRB SNIen "
        "gap nova CV star EB RRL Mira Cepheid d-Sct M-dwarf pointIa galaxy other"
    ).split()
    assert list(LABELS[: len(written)]) == written
    assert len(set(LABELS)) == len(LABELS)
