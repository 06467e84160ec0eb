"""The words of the page that checks certificates, in both languages side by side."""

from chassis.errors import Text


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


VERIFY_WORDS: dict[str, Text] = {
    "verify_short": _t("Kiểm tra Phiếu", "Check a certificate"),
    "verify": _t("Kiểm tra Phiếu lý lịch tư pháp", "Check a judicial-record certificate"),
    "verify_intro": _t(
        "Ai nhận Phiếu cũng có thể kiểm tra Phiếu có thật và còn giá trị hay không. Không cần tài khoản.",
        "Whoever is shown a certificate can check that it is genuine and still valid. No account is needed.",
    ),
    "verify_by_file": _t("Bằng tệp PDF", "With the PDF file"),
    "verify_file": _t("Tệp Phiếu điện tử", "File of the electronic certificate"),
    "verify_file_help": _t(
        "Tệp PDF gốc do cơ quan cấp, tối đa 5 MB. Bản chụp hoặc bản in lại không kiểm tra được bằng cách "
        "này.",
        "The original PDF as issued, at most 5 MB. A photo or a new print cannot be checked this way.",
    ),
    "verify_submit_file": _t("Kiểm tra tệp", "Check file"),
    "verify_by_code": _t("Bằng số Phiếu và mã kiểm tra", "With number and code"),
    "verify_number": _t("Số Phiếu", "Number"),
    "verify_number_help": _t("Ví dụ: LLTP-G01-2026-0000001", "For example: LLTP-G01-2026-0000001"),
    "verify_code": _t("Mã kiểm tra", "Code"),
    "verify_code_help": _t(
        "16 chữ và số in cạnh mã QR; không phân biệt chữ hoa, chữ thường",
        "16 letters and digits printed beside the QR code, in capitals or not",
    ),
    "verify_submit_code": _t("Kiểm tra mã", "Check code"),
    "verify_privacy": _t(
        "Tệp gửi lên chỉ dùng để kiểm tra và không được lưu lại. Người có tên trên Phiếu thấy được rằng "
        "Phiếu đã được kiểm tra.",
        "A file that is sent is checked and not kept. The person named on the certificate can see that it "
        "was checked.",
    ),
    "verify_valid": _t("Phiếu có thật và còn giá trị", "Genuine and valid"),
    "verify_valid_text": _t(
        "Phiếu do cơ quan nêu dưới đây cấp, nội dung không bị thay đổi và chưa bị thu hồi.",
        "It was issued by the office named below, is unchanged and has not been revoked.",
    ),
    "verify_revoked": _t("Phiếu đã bị thu hồi", "Revoked"),
    "verify_revoked_text": _t(
        "Phiếu này từng được cấp nhưng không còn giá trị. Không sử dụng Phiếu này.",
        "This certificate was issued once and is no longer valid. Do not rely on it.",
    ),
    "verify_superseded": _t("Phiếu đã được thay thế", "Superseded"),
    "verify_superseded_text": _t(
        "Phiếu khác đã thay thế Phiếu này. Hãy yêu cầu người xuất trình đưa Phiếu mới.",
        "Another certificate has taken its place. Ask for the new one.",
    ),
    "verify_altered": _t("Tệp đã bị thay đổi", "Altered"),
    "verify_altered_text": _t(
        "Tệp này là Phiếu do cơ quan cấp nhưng không còn nguyên như khi cấp. Không sử dụng tệp này.",
        "This is a certificate of ours, but not as it was issued. Do not rely on this file.",
    ),
    "verify_unknown": _t("Không tìm thấy Phiếu", "Not known"),
    "verify_unknown_text": _t(
        "Không có Phiếu nào khớp với thông tin đã gửi. Kiểm tra lại số và mã, hoặc dùng tệp PDF gốc.",
        "No certificate matches what was sent. Check number and code, or use the original PDF.",
    ),
    "verify_unavailable": _t("Chưa kiểm tra được", "It cannot be checked now"),
    "verify_unavailable_text": _t(
        "Hệ thống kiểm tra đang tạm ngừng. Điều này không nói gì về Phiếu; hãy thử lại sau ít phút.",
        "The checking system is away. That says nothing of the certificate; try again in a few minutes.",
    ),
    "verify_too_large": _t("Tệp quá lớn", "The file is too large"),
    "verify_too_large_text": _t(
        "Phiếu gốc nhỏ hơn 1 MB. Hãy chọn đúng tệp do cơ quan cấp.",
        "A certificate is smaller than 1 MB. Choose the file as it was issued.",
    ),
    "verify_incomplete": _t("Thiếu thông tin", "Something is missing"),
    "verify_incomplete_text": _t(
        "Chọn tệp PDF, hoặc nhập cả số Phiếu và mã kiểm tra.",
        "Choose a PDF file, or enter both number and code.",
    ),
    "verify_form": _t("Loại Phiếu số", "Form"),
    "verify_office": _t("Cơ quan cấp", "Issued by"),
    "verify_issued_on": _t("Ngày cấp", "Issued on"),
    "verify_ended_on": _t("Hết giá trị từ ngày", "Not valid since"),
    "verify_superseded_by": _t("Phiếu thay thế", "Certificate in its place"),
    "verify_name": _t("Họ và tên", "Name"),
    "verify_born": _t("Ngày sinh", "Born"),
    "verify_ending": _t("Ba số cuối số định danh", "Last three digits of the personal number"),
    "verify_conclusion": _t("Tình trạng án tích", "Conclusion"),
    "verify_convicted": _t("Có án tích", "Has convictions on record"),
    "verify_not_convicted": _t("Không có án tích", "No conviction on record"),
    "verify_form_2": _t(
        "Không hiển thị: Phiếu số 2 chỉ dành cho chính người được cấp",
        "Not shown: form 2 is for its holder alone",
    ),
    "verify_signers": _t("Chữ ký số", "Digital signatures"),
    "verify_compare": _t(
        "Hãy so tên, ngày sinh và kết luận ở đây với bản đang cầm trên tay.",
        "Compare name, birth and conclusion here with the paper in your hand.",
    ),
    "verify_checked_at": _t("Kiểm tra lúc (giờ Việt Nam)", "Checked at (Việt Nam time)"),
}
