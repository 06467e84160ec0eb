"""A dossier in the portal's words: strings only, local times, and never an empty word for an unmapped one."""

from typing import Any

import pytest

from national_portal_sync.peers.portal_fields import digest_of, dossier_fields, step_fields
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
