"""Each clause of the checks of a dossier, and each boundary."""

from collections.abc import Callable

import pytest

from health_book.submissions.rules import check_dossier
from tests.health_book.factories import (
    DossierIn,
    appointment_paper,
    discharge_paper,
    make_dossier,
    make_file,
    read_one,
    transfer_paper,
)


def verdict(dossier: DossierIn) -> list[tuple[str, str, str]]:
    """(pointer below the dossier, code, severity) of each finding."""
    findings = check_dossier(read_one(make_file(dossier)))
    return [(f.pointer.removeprefix("/HOSO/0/"), f.code, f.severity.value) for f in findings]


def inpatient(**summary: str) -> DossierIn:
    return make_dossier(base="qd3176-inpatient", **summary)


def test_sound_dossiers_have_no_finding() -> None:
    assert verdict(make_dossier()) == []
    assert verdict(inpatient()) == []


@pytest.mark.parametrize(
    ("field", "value", "code", "severity"),
    [
        ("HO_TEN", "", "required", "refuse"),
        ("MA_BN", "", "required", "refuse"),
        ("MA_CSKCB", "", "required", "refuse"),
        ("MAHUYEN_CU_TRU", "", None, None),  # the district level is gone
        ("HO_TEN", "A" * 255, None, None),
        ("HO_TEN", "A" * 256, "too_long", "refuse"),
        ("HO_TEN", "Ễ" * 255, None, None),  # characters, not bytes
        ("NHOM_MAU", "ABCDEF", "too_long", "warn"),
        ("NGAY_VAO", "202610320805", "impossible_date", "refuse"),
        ("NGAY_VAO", "20261013", "impossible_date", "refuse"),
        ("NGAY_VAO", "202610132405", "impossible_date", "refuse"),
        ("NGAY_RA", "202602291010", "impossible_date", "refuse"),
        ("GT_THE_TU", "20260101;20260701", None, None),
        ("GT_THE_TU", "20260101;20260732", "impossible_date", "refuse"),
        ("NGAY_SINH", "198500000000", None, None),
        ("NGAY_SINH", "198513010000", "impossible_date", "refuse"),
        ("NGAY_SINH", "178500000000", "impossible_date", "refuse"),
        ("NGAY_MIEN_CCT", "20260101", None, None),
        ("NGAY_MIEN_CCT", "202601010800", None, None),
        ("NGAY_MIEN_CCT", "2026", "impossible_date", "refuse"),
        ("T_THUOC", "-1", "not_a_number", "refuse"),
        ("T_THUOC", "1e5", "not_a_number", "refuse"),
        ("T_THUOC", "1,5", "not_a_number", "refuse"),
        ("T_THUOC", "NaN", "not_a_number", "refuse"),
        ("T_THUOC", "١٢", "not_a_number", "refuse"),
        ("GIOI_TINH", "4", "unknown_code", "refuse"),
        ("KET_QUA_DTRI", "8", None, None),
        ("KET_QUA_DTRI", "9", "unknown_code", "refuse"),
        ("MA_LOAI_RV", "6", "unknown_code", "refuse"),
        ("MA_LOAI_KCB", "10", None, None),
        ("MA_LOAI_KCB", "17", "unknown_code", "refuse"),
        ("MA_DOITUONG_KCB", "1.8", "unknown_code", "warn"),
        ("MA_KHUVUC", "K4", "unknown_code", "warn"),
        ("MA_BENH_CHINH", "A09;J18", "diagnosis_code_malformed", "refuse"),
        ("MA_BENH_CHINH", "viêm", "diagnosis_code_malformed", "refuse"),
        ("MA_BENH_CHINH", "U07.1", None, None),
        ("MA_CSKCB", "02001", None, None),
        ("MA_CSKCB", "03001", "facility_prefix_unknown", "warn"),
        ("MA_DKBD", "0100", "registered_facility_malformed", "warn"),
        ("MA_THE_BHYT", "", None, None),
        ("MA_THE_BHYT", "4920000007", None, None),
        ("MA_THE_BHYT", "DN4920000007738;4920000007", None, None),
        ("MA_THE_BHYT", "DN492000000773", "card_malformed", "refuse"),
        ("SO_CCCD", "", "identity_paper_missing", "warn"),
        ("SO_CCCD", "012345678", None, None),
        ("SO_CCCD", "B1234567", None, None),
        ("SO_CCCD", "???", "identity_paper_odd", "warn"),
        ("SO_CCCD", "001185000017", "identity_number_disagrees", "warn"),
        ("SO_CCCD", "001086000017", "identity_number_disagrees", "warn"),
        ("SO_CCCD", "999086000017", None, None),  # registered abroad: nothing to compare
        ("SO_NGAY_DTRI", "1", "treatment_days_differ", "warn"),
    ],
)
def test_field_of_the_summary(field: str, value: str, code: str | None, severity: str | None) -> None:
    expected = [] if code is None else [(f"XML1/{field}", code, severity)]

    assert verdict(make_dossier(**{field: value})) == expected


def test_code_sets_are_those_of_the_day_of_discharge() -> None:
    old = make_dossier()
    for rows in old.tables.values():
        for row in rows:
            row.update({k: v.replace("202610", "202506") for k, v in row.items() if v.startswith("202610")})
    old.summary["MA_DOITUONG_KCB"] = "1.8"
    old.summary["MA_LOAI_KCB"] = "01"

    assert verdict(old) == []

    old.summary["MA_LOAI_KCB"] = "16"  # added from 2026-08-01
    assert verdict(old) == [("XML1/MA_LOAI_KCB", "unknown_code", "refuse")]


def test_missing_summary_refuses() -> None:
    dossier = make_dossier()
    del dossier.tables["XML1"]

    assert ("XML1", "summary_missing", "refuse") in verdict(dossier)


def test_row_of_another_visit_refuses() -> None:
    dossier = make_dossier()
    dossier.tables["XML3"][1]["MA_LK"] = "OTHER"

    assert verdict(dossier) == [("XML3/1/MA_LK", "visit_code_mismatch", "refuse")]


def test_unknown_field_warns() -> None:
    dossier = make_dossier()
    dossier.tables["XML4"][0]["MA_LA"] = "x"

    assert verdict(dossier) == [("XML4/0/MA_LA", "unknown_field", "warn")]


def _set(table: str, position: int, **fields: str) -> Callable[[DossierIn], None]:
    return lambda dossier: dossier.tables[table][position].update(fields)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_set("XML1", 0, NGAY_RA="202610130804"), ("XML1/NGAY_RA", "times_out_of_order", "refuse")),
        (_set("XML1", 0, NGAY_TTOAN="202610131009"), ("XML1/NGAY_TTOAN", "times_out_of_order", "refuse")),
        (
            _set("XML1", 0, NGAY_VAO_NOI_TRU="202610131011"),
            ("XML1/NGAY_RA", "times_out_of_order", "refuse"),
        ),
        (_set("XML3", 0, NGAY_YL="202610130804"), ("XML3/0/NGAY_YL", "order_outside_visit", "refuse")),
        (_set("XML2", 1, NGAY_YL="202610131011"), ("XML2/1/NGAY_YL", "order_outside_visit", "refuse")),
        (_set("XML3", 1, NGAY_KQ="202610130834"), ("XML3/1/NGAY_KQ", "times_out_of_order", "refuse")),
        (_set("XML3", 0, NGAY_TH_YL="202610130829"), ("XML3/0/NGAY_TH_YL", "times_out_of_order", "refuse")),
        (_set("XML2", 0, THANH_TIEN_BV="35000.01"), ("XML2/0/THANH_TIEN_BV", "amount_differs", "refuse")),
        (_set("XML1", 0, T_BHTT="113265"), ("XML1/T_BHTT", "amount_differs", "refuse")),
        (_set("XML1", 0, T_TONGCHI_BV="141579.99"), ("XML1/T_TONGCHI_BV", "amount_differs", "refuse")),
        (_set("XML1", 0, MA_BENH_KT="A09"), ("XML1/MA_BENH_KT", "main_diagnosis_repeated", "refuse")),
        (_set("XML1", 0, MA_BENH_KT="I10;xx"), ("XML1/MA_BENH_KT", "diagnosis_code_malformed", "refuse")),
        (
            _set("XML1", 0, MA_BENH_KT=";".join(f"B{n}" for n in range(10, 23))),
            ("XML1/MA_BENH_KT", "too_many_diagnoses", "refuse"),
        ),
        (_set("XML2", 0, MUC_HUONG="101"), ("XML2/0/MUC_HUONG", "benefit_rate_impossible", "warn")),
        (_set("XML3", 0, MA_GIUONG="H001;X1"), ("XML3/0/MA_GIUONG", "bed_code_malformed", "warn")),
        (_set("XML3", 0, PHAM_VI="7"), ("XML3/0/PHAM_VI", "unknown_code", "warn")),
        (_set("XML1", 0, MA_LOAI_RV="5"), ("XML1/MA_LOAI_RV", "transfer_paper_missing", "refuse")),
        (
            _set("XML1", 0, NGAY_TAI_KHAM="20261120"),
            ("XML1/NGAY_TAI_KHAM", "appointment_paper_missing", "refuse"),
        ),
        (
            _set("XML1", 0, KET_QUA_DTRI="5", MA_LOAI_RV="4"),
            ("XML1/MA_LOAI_RV", "outcome_discharge_conflict", "refuse"),
        ),
    ],
)
def test_comparison(change: Callable[[DossierIn], None], expected: tuple[str, str, str]) -> None:
    dossier = make_dossier()
    change(dossier)

    assert expected in verdict(dossier)


def test_boundaries_that_are_still_sound() -> None:
    dossier = make_dossier(NGAY_TTOAN="202610131010", MA_BENH_KT=";".join(f"B{n}" for n in range(10, 22)))
    dossier.tables["XML3"][0]["NGAY_YL"] = "202610130805"
    dossier.tables["XML2"][0].update(NGAY_YL="202610131010", NGAY_TH_YL="202610131010")
    appointment_paper(dossier)

    assert verdict(dossier) == []


def test_papers_satisfy_the_outcome() -> None:
    dossier = make_dossier()
    transfer_paper(dossier)
    assert verdict(dossier) == []

    died = make_dossier(KET_QUA_DTRI="5", MA_LOAI_RV="1")
    assert verdict(died) == []


def test_service_amount_may_follow_either_decision() -> None:
    dossier = make_dossier(T_TONGCHI_BV="121680.00")
    dossier.tables["XML3"][0].update(TYLE_TT_DV="50", THANH_TIEN_BV="19900.00")
    assert verdict(dossier) == []

    dossier.tables["XML3"][0]["THANH_TIEN_BV"] = "39800.00"
    dossier.summary["T_TONGCHI_BV"] = "141580.00"
    assert verdict(dossier) == []


def test_uninsured_visit_without_lines_has_nothing_to_add_up() -> None:
    dossier = make_dossier(MA_THE_BHYT="", MA_DKBD="", GT_THE_TU="", GT_THE_DEN="")
    for table in ("XML2", "XML3"):
        del dossier.tables[table]

    assert verdict(dossier) == []


@pytest.mark.parametrize(("care_type", "days"), [("03", "5"), ("02", "5"), ("09", "0"), ("08", "1")])
def test_treatment_days_follow_the_care_type(care_type: str, days: str) -> None:
    codes = [code for _, code, _ in verdict(inpatient(MA_LOAI_KCB=care_type, SO_NGAY_DTRI=days))]

    assert "treatment_days_differ" not in codes


def test_drug_days_of_long_lasting_diseases_are_not_counted() -> None:
    codes = [code for _, code, _ in verdict(inpatient(MA_LOAI_KCB="05", SO_NGAY_DTRI="30"))]

    assert "treatment_days_differ" not in codes
    assert "care_type_without_services" in codes


def test_inpatient_under_four_hours_is_another_care_type() -> None:
    short = make_dossier(MA_LOAI_KCB="03", SO_NGAY_DTRI="1")

    assert ("XML1/MA_LOAI_KCB", "short_stay_care_type", "warn") in verdict(short)
    assert "short_stay_care_type" not in [code for _, code, _ in verdict(inpatient())]


def test_inpatient_needs_its_record_summary() -> None:
    dossier = inpatient()
    del dossier.tables["XML8"]

    assert verdict(dossier) == [("XML8", "record_summary_missing", "warn")]
    assert check_dossier(read_one(make_file(dossier)), is_summary_paper_expected=False) == []


def test_discharge_paper() -> None:
    dossier = inpatient()
    discharge_paper(dossier, NGAY_CT="20261025", MA_DINH_CHI_THAI="1", TUOI_THAI="14")
    assert verdict(dossier) == [
        ("XML7/NGAY_CT", "discharge_paper_day_differs", "warn"),
        ("XML7/MA_DINH_CHI_THAI", "termination_details_missing", "warn"),
    ]

    outpatient = inpatient(MA_LOAI_KCB="02")
    assert ("XML7", "discharge_paper_unexpected", "warn") in verdict(outpatient)


def sick_leave(dossier: DossierIn, days: int, until: str, **fields: str) -> None:
    dossier.tables["XML11"] = [
        {
            "MA_LK": dossier.summary["MA_LK"],
            "SO_CT": "1",
            "SO_SERI": "1",
            "SO_KCB": "1",
            "DON_VI": "Công ty",
            "MA_BHXH": "0100000001",
            "CHAN_DOAN_RV": "Sốt",
            "PP_DIEUTRI": "Nội khoa",
            "SO_NGAY_NGHI": str(days),
            "TU_NGAY": "20261001",
            "DEN_NGAY": until,
            "MA_TTDV": "0000000001",
            "MA_BS": "1",
            "NGAY_CT": "20261013",
            **fields,
        }
    ]


@pytest.mark.parametrize(
    ("days", "until", "fields", "codes"),
    [
        (30, "20261030", {}, []),
        (31, "20261031", {}, ["sick_leave_too_long"]),
        (29, "20261030", {}, ["sick_leave_days_differ"]),
        (50, "20261119", {"MA_DINH_CHI_THAI": "1", "TUOI_THAI": "13"}, []),
        (50, "20261119", {"MA_DINH_CHI_THAI": "1", "TUOI_THAI": "12"}, ["sick_leave_too_long"]),
    ],
)
def test_sick_leave(days: int, until: str, fields: dict[str, str], codes: list[str]) -> None:
    dossier = make_dossier()
    sick_leave(dossier, days, until, **fields)

    assert [code for _, code, _ in verdict(dossier)] == codes


def test_sick_leave_of_tuberculosis_may_last_180_days() -> None:
    dossier = make_dossier()
    sick_leave(dossier, 180, "20270329")
    dossier.tables["XML15"] = [{"MA_LK": dossier.summary["MA_LK"], "MA_BN": "1"}]

    assert "sick_leave_too_long" not in [code for _, code, _ in verdict(dossier)]


def test_tables_for_patients_who_lack_a_required_field_only_warn() -> None:
    dossier = make_dossier()
    dossier.tables["XML15"] = [{"MA_LK": dossier.summary["MA_LK"], "MA_BN": "1"}]

    assert {severity for _, _, severity in verdict(dossier)} == {"warn"}


def test_messages_exist_in_both_languages_and_never_repeat_content() -> None:
    dossier = make_dossier(HO_TEN="A" * 300, T_THUOC="-77777", SO_CCCD="???")
    findings = check_dossier(read_one(make_file(dossier)))

    texts = [text for finding in findings for text in finding.message.values()]

    assert all(texts)
    assert not any(secret in text for text in texts for secret in ("AAA", "77777", "???"))
    assert all(finding.article for finding in findings)
