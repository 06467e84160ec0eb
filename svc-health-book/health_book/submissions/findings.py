"""What a check of a dossier found: where, what, how grave, on which article it rests, in two languages.

Messages name fields, rows and rules, never the content of a field: a receipt is read by more eyes than the
file.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """`refuse`: the dossier is not taken. `warn`: it is taken, and the facility is told."""

    refuse = "refuse"
    warn = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `pointer` (RFC 6901) is `/HOSO/<index>/<table>[/<row>][/<field>]`, indexes from 0."""

    pointer: str
    code: str
    severity: Severity
    article: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> dict[str, str]:
        """Return the message in `vi` and `en`."""
        vietnamese, english = MESSAGES[self.code]
        return {"vi": vietnamese.format_map(self.facts), "en": english.format_map(self.facts)}


FORMAT = "QĐ 130/QĐ-BYT 2023, sửa đổi bởi QĐ 4750/QĐ-BYT 2023 và QĐ 3176/QĐ-BYT 2024"

MESSAGES: dict[str, tuple[str, str]] = {
    # the file's own shape
    "content_not_base64": (
        "NOIDUNGFILE của {table} không phải base64 hợp lệ (có thể bị cắt).",
        "NOIDUNGFILE of {table} is not valid base64 (it may be cut off).",
    ),
    "content_not_xml": (
        "Nội dung {table} không phải XML đọc được.",
        "The content of {table} is not readable XML.",
    ),
    "doctype_forbidden": (
        "Nội dung {table} có DOCTYPE hoặc thực thể; không được phép.",
        "The content of {table} declares a DOCTYPE or entities, which is not allowed.",
    ),
    "unexpected_root": (
        "Phần tử gốc của {table} không đúng; cần {expected}.",
        "The root element of {table} is wrong; {expected} is needed.",
    ),
    "table_repeated": (
        "Hồ sơ có hai tệp {table}; chỉ được một.",
        "The dossier holds two files {table}; only one is allowed.",
    ),
    "summary_missing": (
        "Hồ sơ phải có đúng một XML1 (tổng hợp lượt khám).",
        "The dossier must hold exactly one XML1 (episode summary).",
    ),
    "too_many_rows": ("{table} có quá {limit} dòng.", "{table} holds more than {limit} rows."),
    "too_many_files": ("Hồ sơ có quá {limit} tệp.", "The dossier holds more than {limit} files."),
    "table_empty": ("{table} không có dòng nào.", "{table} holds no row."),
    "unsupported_standard": (
        "Hồ sơ theo cấu trúc QĐ 4210/QĐ-BYT (cũ); hãy gửi theo QĐ 130/4750/3176.",
        "The dossier has the older structure of QĐ 4210/QĐ-BYT; send QĐ 130/4750/3176.",
    ),
    "table_not_from_facility": (
        "XML12 do tổ chức giám định y khoa nhập trên cổng, cơ sở không được gửi.",
        "XML12 is typed on the gateway by assessment bodies; a facility may not send it.",
    ),
    "table_unread": (
        "Tệp {table} được giữ nguyên như đã gửi nhưng chưa được đọc.",
        "File {table} is kept as sent but was not read.",
    ),
    "dossier_count_mismatch": (
        "SOLUONGHOSO ghi {declared} nhưng tệp có {found} hồ sơ; tệp có thể bị cắt.",
        "SOLUONGHOSO says {declared} but the file holds {found} dossiers; it may be cut off.",
    ),
    "visit_code_mismatch": (
        "MA_LK của dòng khác với MA_LK của XML1.",
        "MA_LK of the row differs from MA_LK of XML1.",
    ),
    "visit_code_repeated": (
        "Tệp có hai hồ sơ cùng MA_LK; hồ sơ sau không được nhận.",
        "The file holds two dossiers with the same MA_LK; the later one is not taken.",
    ),
    "other_person": (
        "Lượt khám này đã được ghi cho người khác; dùng chức năng chuyển hoặc hủy lượt khám.",
        "This visit is recorded for another person; move or void the visit instead.",
    ),
    "not_storable": (
        "Hệ thống không lưu được hồ sơ này dù hồ sơ hợp lệ; lỗi thuộc về hệ thống và đã được ghi lại.",
        "We could not store this dossier although it is sound; the fault is ours and has been logged.",
    ),
    "signature_missing": (
        "Cơ sở đã đăng ký khóa ký số nhưng tệp không có chữ ký ở CHUKYDONVI.",
        "The facility has a registered signing key but the file has no signature in CHUKYDONVI.",
    ),
    "signature_invalid": (
        "Chữ ký ở CHUKYDONVI không khớp với tệp hoặc với khóa đã đăng ký.",
        "The signature in CHUKYDONVI does not match the file or the registered key.",
    ),
    # fields
    "required": ("Thiếu {field}.", "{field} is missing."),
    "field_repeated": ("{field} xuất hiện hai lần trong một dòng.", "{field} stands twice in one row."),
    "unknown_field": (
        "{field} không có trong bảng {table}; được giữ trong bản gốc.",
        "{field} is not a field of {table}; it is kept in the original.",
    ),
    "too_long": ("{field} dài quá {limit} ký tự.", "{field} is longer than {limit} characters."),
    "not_a_number": (
        "{field} phải là số không âm, dấu thập phân là dấu chấm.",
        "{field} must be a plain number, not negative, with a decimal dot.",
    ),
    "impossible_date": ("{field} không phải thời điểm có thật dạng {form}.", "{field} is no real {form}."),
    "unknown_code": (
        "Mã ở {field} không có trong danh mục của ngày ra viện.",
        "The code in {field} is not in the code set in force on the day of discharge.",
    ),
    # rules of section 4.3
    "times_out_of_order": ("{later} phải không sớm hơn {earlier}.", "{later} must not be before {earlier}."),
    "order_outside_visit": (
        "NGAY_YL phải nằm trong khoảng từ NGAY_VAO đến NGAY_RA.",
        "NGAY_YL must lie between NGAY_VAO and NGAY_RA.",
    ),
    "treatment_days_differ": (
        "SO_NGAY_DTRI phải là {expected} với loại hình {care_type}.",
        "SO_NGAY_DTRI must be {expected} for care type {care_type}.",
    ),
    "amount_differs": ("{field} phải bằng {formula}.", "{field} must equal {formula}."),
    "diagnosis_code_malformed": (
        "{field} phải là mã ICD-10{count}.",
        "{field} must be an ICD-10 code{count}.",
    ),
    "too_many_diagnoses": (
        "MA_BENH_KT có quá 12 mã.",
        "MA_BENH_KT holds more than 12 codes.",
    ),
    "main_diagnosis_repeated": (
        "MA_BENH_CHINH không được lặp lại trong MA_BENH_KT.",
        "MA_BENH_CHINH must not be repeated in MA_BENH_KT.",
    ),
    "facility_prefix_unknown": (
        "Hai ký tự đầu của {field} không phải mã tỉnh đã cấp.",
        "The first two characters of {field} are no province code ever given.",
    ),
    "registered_facility_malformed": ("MA_DKBD phải gồm 5 ký tự.", "MA_DKBD must have 5 characters."),
    "card_malformed": (
        "Mã thẻ BHYT ở {field} phải gồm 15 ký tự hoặc 10 chữ số.",
        "The insurance card in {field} must have 15 characters or 10 digits.",
    ),
    "benefit_rate_impossible": ("MUC_HUONG phải từ 0 đến 100.", "MUC_HUONG must be between 0 and 100."),
    "outcome_discharge_conflict": (
        "KET_QUA_DTRI 5 (tử vong) không đi với MA_LOAI_RV này.",
        "KET_QUA_DTRI 5 (died) does not go with this MA_LOAI_RV.",
    ),
    "transfer_paper_missing": (
        "MA_LOAI_RV 2 hoặc 5 (chuyển tuyến) cần giấy chuyển tuyến XML13.",
        "MA_LOAI_RV 2 or 5 (transferred) needs the transfer paper XML13.",
    ),
    "appointment_paper_missing": (
        "NGAY_TAI_KHAM cần giấy hẹn khám lại XML14.",
        "NGAY_TAI_KHAM needs the re-examination slip XML14.",
    ),
    "record_summary_missing": (
        "Loại hình {care_type} cần tóm tắt hồ sơ bệnh án XML8.",
        "Care type {care_type} needs the record summary XML8.",
    ),
    "discharge_paper_unexpected": (
        "XML7 chỉ dùng cho điều trị nội trú hoặc ban ngày.",
        "XML7 belongs to inpatient or day treatment only.",
    ),
    "discharge_paper_day_differs": (
        "NGAY_CT của XML7 phải là ngày của NGAY_RA.",
        "NGAY_CT of XML7 must be the day of NGAY_RA.",
    ),
    "termination_details_missing": (
        "MA_DINH_CHI_THAI = 1 cần TUOI_THAI, nguyên nhân và thời gian.",
        "MA_DINH_CHI_THAI = 1 needs gestational age, cause and time.",
    ),
    "sick_leave_too_long": (
        "SO_NGAY_NGHI vượt {limit} ngày cho một giấy.",
        "SO_NGAY_NGHI exceeds {limit} days for one paper.",
    ),
    "sick_leave_days_differ": (
        "SO_NGAY_NGHI phải bằng DEN_NGAY − TU_NGAY + 1.",
        "SO_NGAY_NGHI must equal DEN_NGAY − TU_NGAY + 1.",
    ),
    "bed_code_malformed": (
        "MA_GIUONG phải là H, T, C hoặc K và 3 số.",
        "MA_GIUONG must be H, T, C or K and 3 digits.",
    ),
    "short_stay_care_type": (
        "Đợt điều trị nội trú dưới 4 giờ dùng loại hình 09.",
        "An inpatient stay under 4 hours has care type 09.",
    ),
    "care_type_without_services": (
        "Loại hình 05 không có dịch vụ kỹ thuật.",
        "Care type 05 carries no technical service.",
    ),
    "identity_paper_missing": (
        "Không có SO_CCCD; lượt khám có thể phải chờ để gắn với người bệnh.",
        "SO_CCCD is empty; the visit may have to wait before it finds its person.",
    ),
    "identity_paper_odd": (
        "SO_CCCD không phải 12 số, 9 số hay số hộ chiếu.",
        "SO_CCCD is neither 12 digits, 9 digits nor a passport number.",
    ),
    "identity_number_disagrees": (
        "Số định danh không khớp với giới tính hoặc năm sinh trong hồ sơ.",
        "The personal number disagrees with sex or birth year in the dossier.",
    ),
}
