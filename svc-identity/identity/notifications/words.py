"""The words of each notification in both languages."""

from typing import TypedDict

from chassis.errors import Language
from identity.notifications.rules import Kind


class Words(TypedDict):
    """Title and text of one kind in one language."""

    title: str
    text: str


def _words(title_vi: str, text_vi: str, title_en: str, text_en: str) -> dict[Language, Words]:
    return {"vi": {"title": title_vi, "text": text_vi}, "en": {"title": title_en, "text": text_en}}


WORDS: dict[Kind, dict[Language, Words]] = {
    "visit_recorded": _words(
        "Sổ sức khỏe có lần khám mới",
        "Một cơ sở y tế vừa gửi kết quả một lần khám, chữa bệnh vào sổ sức khỏe của bạn.",
        "A new visit is in your health book",
        "A health facility has just sent a visit to your health book.",
    ),
    "visit_corrected": _words(
        "Một lần khám đã được đính chính",
        "Cơ sở y tế đã gửi bản đính chính của một lần khám; bản trước vẫn được lưu.",
        "A visit has been corrected",
        "The facility has sent a corrected version of a visit; the earlier one is kept.",
    ),
    "application_submitted": _words(
        "Đã nhận yêu cầu cấp Phiếu lý lịch tư pháp",
        "Yêu cầu của bạn đã được gửi đến cơ quan giải quyết. Mở ứng dụng để xem ngày hẹn trả.",
        "Your application for a certificate has arrived",
        "It is with the office now. Open the app to see when it is due.",
    ),
    "application_accepted": _words(
        "Yêu cầu cấp Phiếu đã được tiếp nhận",
        "Cơ quan giải quyết đã tiếp nhận yêu cầu của bạn. Mở ứng dụng để xem ngày hẹn trả.",
        "Your application was accepted",
        "The office has accepted your application. Open the app to see when it is due.",
    ),
    "application_needs_supplement": _words(
        "Yêu cầu cấp Phiếu cần bổ sung",
        "Cơ quan giải quyết cần thêm thông tin từ bạn. Mở ứng dụng để xem và bổ sung.",
        "Your application needs something more",
        "The office needs more from you. Open the app to see what, and to add it.",
    ),
    "application_ended": _words(
        "Yêu cầu cấp Phiếu có kết quả xử lý",
        "Yêu cầu của bạn đã được xử lý. Mở ứng dụng để xem.",
        "There is news of your application",
        "Your application has been dealt with. Open the app to read more.",
    ),
    "certificate_issued": _words(
        "Phiếu lý lịch tư pháp đã sẵn sàng",
        "Phiếu của bạn đã được ký. Mở ứng dụng để tải về.",
        "Your certificate is ready",
        "It has been signed. Open the app to fetch it.",
    ),
    "certificate_revoked": _words(
        "Một Phiếu lý lịch tư pháp không còn hiệu lực",
        "Một Phiếu đã cấp cho bạn không còn được dùng. Mở ứng dụng để xem.",
        "A certificate is no longer valid",
        "A certificate issued to you must not be used any more. Open the app to read more.",
    ),
    "dossier_accepted": _words(
        "Hồ sơ đã được tiếp nhận",
        "Hồ sơ của bạn đã được tiếp nhận. Mở ứng dụng để xem ngày hẹn trả kết quả.",
        "Your dossier was accepted",
        "It has been accepted. Open the app to see when the result is due.",
    ),
    "dossier_refused": _words(
        "Hồ sơ không được tiếp nhận",
        "Bộ phận tiếp nhận đã trả lại hồ sơ và nêu lý do. Mở ứng dụng để xem.",
        "Your dossier was not accepted",
        "The desk has returned it and says why. Open the app to read more.",
    ),
    "dossier_needs_supplement": _words(
        "Hồ sơ cần bổ sung",
        "Cơ quan giải quyết cần thêm giấy tờ hoặc thông tin. Mở ứng dụng để xem và bổ sung.",
        "Your dossier needs something more",
        "The office needs more papers or information. Open the app to see what, and to add it.",
    ),
    "dossier_needs_payment": _words(
        "Hồ sơ chờ nộp phí, lệ phí",
        "Hồ sơ của bạn chờ thực hiện nghĩa vụ tài chính. Mở ứng dụng để nộp.",
        "Your dossier waits for a payment",
        "A fee is to be paid. Open the app to pay it.",
    ),
    "dossier_delayed": _words(
        "Hồ sơ có ngày hẹn trả mới",
        "Cơ quan giải quyết xin lỗi vì chậm và hẹn lại ngày trả kết quả. Mở ứng dụng để xem.",
        "Your dossier has a new date",
        "The office apologises for the delay and names a new day. Open the app to see it.",
    ),
    "dossier_stopped": _words(
        "Hồ sơ đã dừng xử lý",
        "Việc xử lý hồ sơ của bạn đã dừng. Mở ứng dụng để xem lý do.",
        "Work on your dossier has stopped",
        "Your dossier is no longer worked on. Open the app to see why.",
    ),
    "dossier_finished": _words(
        "Hồ sơ đã có kết quả",
        "Kết quả giải quyết hồ sơ của bạn đã được ký. Mở ứng dụng để xem.",
        "Your dossier has a result",
        "The result has been signed. Open the app to read it.",
    ),
    "dossier_result_changed": _words(
        "Kết quả hồ sơ đã thay đổi",
        "Kết quả đã trả cho hồ sơ của bạn được thay thế hoặc thu hồi. Mở ứng dụng để xem.",
        "The result of your dossier has changed",
        "A result given before was replaced or taken back. Open the app to read more.",
    ),
}
