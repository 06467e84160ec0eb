"""What each finding is called in both languages, and what it rests on."""

from dataclasses import dataclass

from chassis.errors import Text
from identity.people.rules import Finding

_NUMBER = "Decree 137/2015/NĐ-CP, art. 13"
_HOUSE = "decision 0005"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one finding and the rule behind it."""

    message: Text
    rule: str


WORDING: dict[Finding, Wording] = {
    Finding.NO_NAME: Wording(Text(vi="Thiếu họ tên.", en="The name is missing."), _HOUSE),
    Finding.NO_USABLE_PAPER: Wording(
        Text(
            vi="Không có số định danh hay giấy tờ nào dùng được để xác định người này.",
            en="There is no personal number or other paper by which this person could be found.",
        ),
        _HOUSE,
    ),
    Finding.PAPER_UNKNOWN: Wording(
        Text(
            vi="Giấy tờ chưa gắn với người nào đã biết; cần số định danh cá nhân 12 chữ số.",
            en="The papers belong to nobody known yet; the 12-digit personal number is needed.",
        ),
        "Law on Identification 26/2023/QH15, art. 12",
    ),
    Finding.NUMBER_MALFORMED: Wording(
        Text(vi="Số định danh không gồm đúng 12 chữ số.", en="The personal number is not 12 digits."), _NUMBER
    ),
    Finding.NAME_DIFFERS: Wording(
        Text(
            vi="Họ tên khác hẳn họ tên đã biết của số giấy tờ này.",
            en="The name is another than the one known under this paper.",
        ),
        _HOUSE,
    ),
    Finding.NAME_CLOSE: Wording(
        Text(vi="Họ tên viết gần giống họ tên đã biết.", en="The name is close to the one known."), _HOUSE
    ),
    Finding.BIRTH_DIFFERS: Wording(
        Text(vi="Ngày sinh khác ngày sinh đã biết.", en="The date of birth differs from the one known."),
        _HOUSE,
    ),
    Finding.SEX_DIFFERS: Wording(
        Text(vi="Giới tính khác giới tính đã biết.", en="The sex differs from the one known."), _HOUSE
    ),
    Finding.BIRTH_UNREADABLE: Wording(
        Text(
            vi="Không đọc được ngày sinh nên bỏ qua.", en="The date of birth is unreadable and was ignored."
        ),
        _HOUSE,
    ),
    Finding.BIRTH_IN_FUTURE: Wording(
        Text(vi="Ngày sinh ở tương lai.", en="The date of birth lies in the future."), _HOUSE
    ),
    Finding.NUMBER_BIRTH_YEAR: Wording(
        Text(
            vi="Chữ số 4–6 của số định danh chỉ một năm sinh khác.",
            en="Digits 4 to 6 of the personal number stand for another birth year.",
        ),
        _NUMBER,
    ),
    Finding.NUMBER_SEX: Wording(
        Text(
            vi="Chữ số thứ 4 của số định danh chỉ giới tính khác.",
            en="The fourth digit of the personal number stands for the other sex.",
        ),
        _NUMBER,
    ),
    Finding.NUMBER_PLACE: Wording(
        Text(
            vi="Ba chữ số đầu không có trong danh mục tỉnh (có thể đăng ký khai sinh ở nước ngoài).",
            en="The first three digits are no province's code (the birth may be registered abroad).",
        ),
        _NUMBER,
    ),
}
