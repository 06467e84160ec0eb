"""What was wrong with a Bundle or a search, as OperationOutcome issues in both languages.

Problem
├── 400 MalformedBody (chassis)
├── 422 Invalid (chassis), raised as `Refused` inside the feature
└── 409 PatientChanged
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import FieldError, Invalid, Problem, Text

MESSAGES: dict[str, Text] = {
    "not_a_bundle": Text(vi="Nội dung phải là một Bundle.", en="The body must be a Bundle."),
    "bundle_type": Text(
        vi="Loại Bundle này không nhận ở đây.", en="A Bundle of this type is not taken here."
    ),
    "bundle_empty": Text(vi="Bundle không có mục nào.", en="The Bundle has no entry."),
    "too_many_entries": Text(vi="Bundle có quá 5000 mục.", en="The Bundle has more than 5000 entries."),
    "entry_without_resource": Text(vi="Mục không có resource.", en="The entry has no resource."),
    "entry_method": Text(
        vi="Chỉ nhận POST và PUT trong giao dịch.", en="Only POST and PUT are taken in a transaction."
    ),
    "entry_url": Text(vi="request.url không khớp với resource.", en="request.url does not fit the resource."),
    "full_url_twice": Text(vi="Hai mục cùng fullUrl.", en="Two entries have the same fullUrl."),
    "unknown_type": Text(vi="R4 không có loại tài nguyên này.", en="R4 has no resource of this type."),
    "unknown_element": Text(vi="R4 không có phần tử này.", en="R4 has no such element."),
    "missing_element": Text(vi="Thiếu phần tử bắt buộc.", en="A required element is missing."),
    "wrong_shape": Text(
        vi="Phần tử không đúng kiểu dữ liệu.", en="The element has another type than R4 says."
    ),
    "empty_element": Text(vi="Phần tử rỗng.", en="The element is empty."),
    "two_choices": Text(vi="Phần tử lựa chọn có hai giá trị.", en="An element of a choice is given twice."),
    "unknown_code": Text(
        vi="Mã không thuộc bộ mã bắt buộc.", en="The code is not in the required value set."
    ),
    "visit_code_repeated": Text(
        vi="Hai Encounter cùng mã lượt khám.", en="Two Encounters have the same visit code."
    ),
    "ends_before_it_begins": Text(
        vi="period.end sớm hơn period.start.", en="period.end is before period.start."
    ),
    "reference_not_found": Text(
        vi="Không tìm thấy tài nguyên được tham chiếu theo điều kiện.",
        en="No resource, or more than one, fits the conditional reference.",
    ),
    "unknown_parameter": Text(
        vi="Tham số tìm kiếm không được hỗ trợ.", en="The search parameter is not supported."
    ),
    "bad_parameter": Text(
        vi="Giá trị tham số không đọc được.", en="The value of the parameter cannot be read."
    ),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue: `kind` is FHIR's issue type, `expression` the FHIRPath of the place."""

    kind: str
    expression: str
    code: str

    @property
    def message(self) -> Text:
        return MESSAGES[self.code]


class Refused(Invalid):
    """What was sent is FHIR JSON, and not acceptable; `errors` hold FHIRPath expressions as pointers."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(errors=[FieldError(one.expression, one.code, one.message) for one in issues])
        self.issues = tuple(issues)


class PatientChanged(Problem):
    """A correction names another person than the visit or the Patient belongs to."""

    status = 409
    code = "patient_changed"
    fault = "caller"
    retry = "no"
    title = Text(vi="Bản sửa ghi người khác", en="The correction names another person")
    cause = Text(
        vi="Lượt khám hoặc Patient này đã thuộc về một người khác trong sổ sức khỏe.",
        en="The visit or the Patient already belongs to another person's health book.",
    )
    remedy = Text(
        vi="Kiểm tra số định danh; nếu gửi nhầm người, hãy hủy lượt khám cũ.",
        en="Check the personal number; where the first was the mistake, void that visit.",
    )
