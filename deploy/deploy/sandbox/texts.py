"""Every sentence of the sandbox's pages, in both languages."""

# ruff: noqa: E501 - a sentence is easier to check and to translate on one line

TEXTS: dict[str, dict[str, str]] = {
    "sandbox": {"vi": "Môi trường thử", "en": "Sandbox"},
    "not_real": {
        "vi": "Môi trường thử: không phải dịch vụ thật, mọi người ở đây đều là hư cấu.",
        "en": "A sandbox: not the real service, and everybody in here is made up.",
    },
    "other_language": {"vi": "English", "en": "Tiếng Việt"},
    "skip": {"vi": "Đến nội dung chính", "en": "Skip to main content"},
    "to_sandbox": {
        "vi": "Mật khẩu và mã một lần của các nhân vật",
        "en": "Passwords and one-time codes of the personas",
    },
    # Sign-in
    "sign_in_title": {"vi": "Đăng nhập VNeID", "en": "Sign in with VNeID"},
    "sign_in_for": {"vi": "để tiếp tục đến {client}", "en": "to continue to {client}"},
    "personal_id": {"vi": "Số định danh cá nhân", "en": "Personal identification number"},
    "personal_id_hint": {
        "vi": "12 chữ số, in trên thẻ căn cước",
        "en": "12 digits, printed on the identity card",
    },
    "password": {"vi": "Mật khẩu", "en": "Password"},
    "code": {"vi": "Mã một lần", "en": "One-time code"},
    "code_hint": {"vi": "6 chữ số, đổi sau mỗi 30 giây", "en": "6 digits, new every 30 seconds"},
    "continue": {"vi": "Tiếp tục", "en": "Continue"},
    "problem": {"vi": "Chưa đăng nhập được", "en": "You are not signed in yet"},
    "wrong": {
        "vi": "Số định danh, mật khẩu hoặc mã một lần không đúng. Mã có thể đã đổi: hãy xem lại mã mới.",
        "en": "The number, the password or the one-time code is not right. The code may have changed: look again.",
    },
    # Level
    "level_title": {"vi": "Cần tài khoản mức 2", "en": "A level 2 account is needed"},
    "level_body": {
        "vi": "{client} yêu cầu tài khoản định danh mức 2. Tài khoản của bạn đang ở mức {level}.",
        "en": "{client} asks for an account of level 2. Yours has level {level}.",
    },
    "level_real": {
        "vi": "Ngoài đời, bạn nâng mức tại cơ quan Công an với khuôn mặt và vân tay. Ở đây chỉ cần một lần bấm.",
        "en": "In real life the police raise it, with face and fingerprints. Here one press does.",
    },
    "level_raise": {"vi": "Nâng lên mức 2", "en": "Raise to level 2"},
    "level_keep": {"vi": "Tiếp tục ở mức {level}", "en": "Go on with level {level}"},
    # Consent
    "consent_title": {"vi": "Đồng ý chia sẻ thông tin?", "en": "Share your information?"},
    "consent_body": {"vi": "{client} sẽ nhận:", "en": "{client} will receive:"},
    "consent_name": {"vi": "Họ tên, ngày sinh, giới tính", "en": "Name, date of birth, sex"},
    "consent_number": {
        "vi": "Số định danh cá nhân và số giấy tờ cũ",
        "en": "Personal number and number of the old paper",
    },
    "consent_contact": {"vi": "Địa chỉ, số điện thoại", "en": "Address, phone number"},
    "consent_level": {
        "vi": "Mức tài khoản và thời điểm đăng nhập",
        "en": "Level of the account and time of sign-in",
    },
    "consent_as": {"vi": "Đăng nhập với tư cách", "en": "Sign in as"},
    "consent_person": {"vi": "Cá nhân: {name}", "en": "Myself: {name}"},
    "consent_company": {
        "vi": "Đại diện: {name} (mã số thuế {number})",
        "en": "For {name} (tax code {number})",
    },
    "allow": {"vi": "Đồng ý", "en": "Agree"},
    "deny": {"vi": "Từ chối", "en": "Refuse"},
    # Errors
    "error_title": {"vi": "Không thể đăng nhập", "en": "Sign-in is not possible"},
    "error_client_id": {
        "vi": "Ứng dụng gửi bạn đến đây chưa được đăng ký với VNeID.",
        "en": "The application that sent you here is not registered with VNeID.",
    },
    "error_redirect_uri": {
        "vi": "Địa chỉ quay về của ứng dụng không đúng với địa chỉ đã đăng ký.",
        "en": "The address to return to is not one that the application has registered.",
    },
    "error_repeated_parameter": {
        "vi": "Yêu cầu đăng nhập có tham số bị lặp.",
        "en": "The sign-in request repeats a parameter.",
    },
    "error_sign_in_lost": {
        "vi": "Lần đăng nhập này đã hết hạn, đã xong, hoặc bắt đầu từ trình duyệt khác. Hãy bắt đầu lại từ ứng dụng.",
        "en": "This sign-in is over, expired, or began in another browser. Start again from the application.",
    },
    # Overview
    "overview_title": {
        "vi": "Môi trường thử của các hệ thống quốc gia",
        "en": "Sandbox of the national peers",
    },
    "overview_lead": {
        "vi": "Dân cư, VNeID và thời gian pháp lý mô phỏng. {count} người, tất cả đều hư cấu.",
        "en": "A made-up population register, VNeID and legal time. {count} people, none of them real.",
    },
    "not_saved": {
        "vi": "Giá trị không hợp lệ, chưa có gì thay đổi.",
        "en": "That value cannot be taken; nothing was changed.",
    },
    "personas": {"vi": "Nhân vật", "en": "Personas"},
    "personas_hint": {
        "vi": "Mã một lần còn hiệu lực {seconds} giây; tải lại trang để xem mã mới. Mã vừa đổi vẫn dùng được thêm 30 giây.",
        "en": "The codes change in {seconds} seconds; reload for new ones. A code that just changed works for 30 more.",
    },
    "name": {"vi": "Tên gọi", "en": "Name"},
    "who": {"vi": "Là ai", "en": "Who"},
    "number": {"vi": "Số", "en": "Number"},
    "level": {"vi": "Mức", "en": "Level"},
    "set_level": {"vi": "Đặt mức {level}", "en": "Set level {level}"},
    "without_account": {"vi": "Không đăng nhập VNeID", "en": "Without a VNeID account"},
    "without_account_hint": {
        "vi": "Hệ thống ký yêu cầu bằng khóa trong var/clients; doanh nghiệp đăng nhập qua người đại diện.",
        "en": "Systems sign with their key in var/clients; a company signs in through its representative.",
    },
    "clock": {"vi": "Thời gian pháp lý", "en": "Legal time"},
    "clock_is": {"vi": "Bây giờ theo pháp lý", "en": "Legal time is"},
    "clock_real": {"vi": "Giờ thật", "en": "Real time"},
    "clock_offset": {"vi": "Chênh lệch", "en": "Offset"},
    "seconds": {"vi": "{count} giây", "en": "{count} seconds"},
    "clock_told": {"vi": "Đã báo cho mọi tiến trình", "en": "Every process has been told"},
    "clock_untold": {"vi": "Chưa báo được cho các tiến trình", "en": "The processes have not been told yet"},
    "clock_days": {"vi": "Số ngày so với hôm nay (âm: lùi lại)", "en": "Days from today (negative: back)"},
    "clock_at": {"vi": "Hoặc thời điểm (giờ Việt Nam)", "en": "Or an instant (Viet Nam time)"},
    "clock_move": {"vi": "Dời thời gian", "en": "Move time"},
    "faults": {"vi": "Công tắc lỗi", "en": "Fault switches"},
    "faults_hint": {
        "vi": "Làm cho hệ thống bạn chậm, báo lỗi 503 hoặc trả lời dở dang, để xem bên này xử lý ra sao.",
        "en": "Make a peer slow, fail with 503 or answer by half, and see how our side takes it.",
    },
    "peer_population": {"vi": "Cơ sở dữ liệu dân cư", "en": "Population register"},
    "peer_vneid": {"vi": "VNeID", "en": "VNeID"},
    "peer_payments": {"vi": "Nền tảng thanh toán", "en": "Payment platform"},
    "peer_tsa": {"vi": "Dấu thời gian", "en": "Time-stamping authority"},
    "peer_clock": {"vi": "Thời gian pháp lý", "en": "Legal time"},
    "delay_ms": {"vi": "Chậm (mili giây)", "en": "Delay (ms)"},
    "fail_next": {"vi": "Số lần báo lỗi 503", "en": "Errors to come (503)"},
    "cut_next": {"vi": "Số lần trả lời dở dang", "en": "Half answers to come"},
    "duplicate_next": {"vi": "Số lần gọi lại hai lần", "en": "Callbacks to come twice"},
    "late_next": {"vi": "Lần gọi lại tới chậm (mili giây)", "en": "Next callback late by (ms)"},
    "save": {"vi": "Lưu", "en": "Save"},
    "received": {"vi": "Đã nhận", "en": "Received"},
    "received_none": {"vi": "Chưa nhận gì.", "en": "Nothing yet."},
    "when": {"vi": "Lúc", "en": "When"},
    "peer": {"vi": "Hệ thống", "en": "Peer"},
    "what": {"vi": "Việc", "en": "What"},
    "details": {"vi": "Chi tiết", "en": "Details"},
    "for_programs": {"vi": "Cho chương trình", "en": "For programs"},
}
