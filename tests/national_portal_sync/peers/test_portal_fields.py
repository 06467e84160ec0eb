"""A dossier in the portal's words: strings only, local times, and never an empty word for an unmapped one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from national_portal_sync.peers.portal_fields import digest_of, dossier_fields, due_time_of, step_fields
from national_portal_sync.peers.results import NotMapped
from tests.national_portal_sync.factories import FILED_AT, make_dossier, make_result

FEE = {"code": "PHI01", "name": "Phí thẩm định", "amount_vnd": 500000, "paid_at": FILED_AT}
ROUND = {"round": 1, "asked_by": "Đỗ Hoàng Sơn", "asked_for": "Bổ sung nhãn", "asked_at": FILED_AT}


def texts(value: Any) -> bool:  # Any: JSON
    if isinstance(value, dict):
        return all(texts(one) for one in value.values())
    if isinstance(value, list):
        return all(texts(one) for one in value)
    return isinstance(value, str)


def test_every_value_is_a_string() -> None:
    dossier = make_dossier(
        1, 2, 9, 10, fees=[FEE], supplements=[ROUND], results=[make_result()], due_at=FILED_AT
    )

    assert texts(dossier_fields(dossier))
    assert texts(step_fields(dossier))


def test_times_are_local() -> None:
    assert dossier_fields(make_dossier(1))["NgayNopHoSo"] == "20261123090000"


def test_due_day_is_told_as_its_last_second_and_an_hour_as_it_is() -> None:
    end_of_day = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)  # midnight in Việt Nam
    at_an_hour = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
    answered = ROUND | {"due_before_at": end_of_day, "due_after_at": end_of_day + timedelta(days=3)}
    dossier = make_dossier(1, due_at=end_of_day, supplements=[answered])
    fields = dossier_fields(dossier)

    assert fields["NgayHenTra"] == "20261127235959"
    assert fields["DanhSachHoSoBoSung"][0]["NgayHenTraTruoc"] == "20261127235959"
    assert fields["DanhSachHoSoBoSung"][0]["NgayHenTraMoi"] == "20261130235959"
    step = dossier.steps[0].model_copy(update={"due_at": end_of_day})
    late = step_fields(dossier.model_copy(update={"steps": [step]}))
    assert late[0]["NgayKetThucTheoQuyDinh"] == "20261127235959"
    assert due_time_of(at_an_hour) == "20261127153000"
    assert due_time_of(None) == ""


def test_company_is_named_by_its_tax_code() -> None:
    owner = {"kind": "company", "name": "Công ty TNHH Dược Mẫu", "tax_code": "0100000010"}
    fields = dossier_fields(make_dossier(1, owner=owner))

    assert (fields["LoaiDoiTuong"], fields["SoGiayToChuHoSo"]) == ("2", "0100000010")
    assert "DinhDanhCHS" not in fields


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"procedure_code": " "}, "MaTTHC"),
        ({"field_code": ""}, "MaLinhVuc"),
        ({"unit": ""}, "DonViXuLy"),
        ({"status": 3, "status_reason": None}, "GhiChu"),
        ({"owner": {"kind": "citizen", "name": "A"}}, "SoGiayToChuHoSo"),
        ({"fees": [FEE | {"code": ""}]}, "MaPhiLePhi"),
        ({"results": [make_result(code="")]}, "MaGiayToKetQua"),
    ],
)
def test_missing_word_is_an_error(overrides: dict[str, Any], field: str) -> None:
    with pytest.raises(NotMapped) as failure:
        dossier_fields(make_dossier(1, **overrides))

    assert failure.value.detail == field


def test_digest_changes_with_any_value_and_not_with_the_order_of_members() -> None:
    fields, steps = dossier_fields(make_dossier(1)), step_fields(make_dossier(1))

    assert digest_of(dict(reversed(fields.items())), steps) == digest_of(fields, steps)
    assert digest_of(fields | {"GhiChu": "x"}, steps) != digest_of(fields, steps)
