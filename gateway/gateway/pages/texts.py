"""The words of the pages, in both languages side by side, so that no translation can be forgotten."""

from typing import Any

from chassis.errors import Language, Text
from gateway.pages.verify_texts import VERIFY_WORDS


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


WORDS: dict[str, Text] = {
    **VERIFY_WORDS,
    "name": _t("Liên Thông", "Liên Thông"),
    "tagline": _t("Dữ liệu đi thay người", "Data travels so that people need not"),
    "description": _t(
        "Nền tảng kết nối phía sau ứng dụng công dân: sổ sức khỏe, lý lịch tư pháp, dịch vụ công.",
        "The connecting platform behind the citizen app: health book, judicial record, public services.",
    ),
    "skip": _t("Tới nội dung chính", "Skip to content"),
    "navigation": _t("Chính", "Main"),
    "docs": _t("Tài liệu API", "API documentation"),
    "problems": _t("Mã lỗi", "Problem codes"),
    "sandbox": _t("Môi trường thử", "Sandbox"),
    "other_language": _t("English", "Tiếng Việt"),
    "footer": _t(
        "Liên Thông là phần mềm nguồn mở, giấy phép Apache 2.0. Mọi người và dữ liệu trong môi "
        "trường thử đều là giả định.",
        "Liên Thông is open source under the Apache 2.0 licence. All people and data in the sandbox "
        "are made up.",
    ),
    "status": _t("Trạng thái hệ thống", "System status"),
    "licences": _t("Giấy phép", "Licences"),
    "hero": _t("Dữ liệu đi thay người.", "Data travels so that people need not."),
    "lead": _t(
        "Liên Thông là nền tảng phía sau ứng dụng công dân: bệnh viện gửi một lần, người dân có sổ "
        "sức khỏe trên "
        "điện thoại; hồ sơ đi giữa các cơ quan, không ai phải khai lại.",
        "Liên Thông is the platform behind the citizen app: a hospital sends once and the citizen "
        "has the health book "
        "on the phone; files move between agencies and nobody fills in the same thing twice.",
    ),
    "flow_alt": _t(
        "Bệnh viện, cơ quan, hồ sơ và người dân nối với nhau qua Liên Thông",
        "Hospitals, agencies, files and people joined through Liên Thông",
    ),
    "try_sandbox": _t("Vào môi trường thử", "Open the sandbox"),
    "read_docs": _t("Đọc tài liệu API", "Read the API documentation"),
    "audiences": _t("Dành cho bạn", "For you"),
    "audiences_intro": _t(
        "Mỗi mục nói rõ phần nào đã mở và phần nào chưa.",
        "Each entry says plainly what is open and what is not yet.",
    ),
    "open": _t("Đang mở", "Open"),
    "soon": _t("Chưa mở", "Not yet open"),
    "journey": _t("Một lượt khám đi qua hệ thống thế nào", "How one visit travels through the system"),
    "promises": _t("Điều hệ thống luôn giữ", "What always holds"),
    "problems_intro": _t(
        "Mỗi trả lời lỗi là application/problem+json (RFC 9457) với một mã code cố định. Bảng này "
        "nêu nguyên nhân và "
        "cách xử lý của từng mã.",
        "Every error answer is application/problem+json (RFC 9457) with a stable code. This table "
        "gives the cause "
        "and the remedy of each.",
    ),
    "problems_jump": _t("Tới trạng thái HTTP", "Jump to HTTP status"),
    "problems_caption": _t(
        "Gửi Accept: application/json để nhận bảng này dạng JSON.",
        "Send Accept: application/json for this table as JSON.",
    ),
    "col_status": _t("HTTP", "HTTP"),
    "col_code": _t("Mã", "Code"),
    "col_cause": _t("Nguyên nhân", "Cause"),
    "col_remedy": _t("Cách xử lý", "Remedy"),
    "col_retry": _t("Gửi lại", "Retry"),
    "retry_no": _t("Sửa yêu cầu trước khi gửi lại", "Change the request first"),
    "retry_same": _t("Gửi lại nguyên yêu cầu", "Repeat it unchanged"),
    "retry_later": _t("Gửi lại sau, theo Retry-After", "Repeat it later, as Retry-After says"),
    "fault_caller": _t("phía gọi xử lý", "the caller has to act"),
    "fault_us": _t("phía hệ thống xử lý", "we have to act"),
    "fault_peer": _t("hệ thống liên quan xử lý", "a system behind us has to act"),
    "docs_without_script": _t(
        "Trình xem cần JavaScript. Tài liệu OpenAPI ở đây:",
        "The viewer needs JavaScript. The OpenAPI document is here:",
    ),
}


def _item(vi: str, en: str, *, is_open: bool) -> dict[str, Any]:  # Any: a text and a flag
    return {"text": _t(vi, en), "open": is_open}


def cards(*, sandbox: bool) -> list[dict[str, Any]]:  # Any: texts, lists of texts
    """Return the cards of the start page, one per audience; links into the sandbox only where there is
    one.
    """
    try_it = (
        [{"href": "/sandbox", "text": _t("Đăng nhập thử bằng một nhân vật", "Sign in as a persona")}]
        if sandbox
        else []
    )
    return [
        {
            "icon": "citizen",
            "title": _t("Người dân", "Citizens"),
            "text": _t(
                "Sổ sức khỏe của bạn, ai đã xem và vì sao, ngay trong ứng dụng, đăng nhập bằng VNeID.",
                "Your health book, who has read it and why, in the app, with your VNeID sign-in.",
            ),
            "items": [
                _item(
                    "Xem các lượt khám, thuốc, xét nghiệm đã gửi về",
                    "See visits, medicines and tests that were sent",
                    is_open=True,
                ),
                _item(
                    "Nhận thông báo khi có lượt khám mới", "Be told when a new visit arrives", is_open=True
                ),
                _item(
                    "Xem nhật ký truy cập hồ sơ của mình", "See the log of who read your record", is_open=True
                ),
                _item(
                    "Phiếu lý lịch tư pháp điện tử", "Electronic judicial-record certificate", is_open=True
                ),
                _item(
                    "Thủ tục của Bộ Y tế, nộp trực tuyến toàn trình",
                    "Procedures of the Ministry of Health, fully online",
                    is_open=False,
                ),
            ],
            "links": [
                *try_it,
                {"href": "/verify", "text": _t("Kiểm tra một Phiếu", "Check a certificate")},
                {
                    "href": "/docs#/health-book",
                    "text": _t("Sổ sức khỏe trong API", "The health book in the API"),
                },
            ],
        },
        {
            "icon": "hospital",
            "title": _t("Bệnh viện và cơ sở y tế", "Hospitals and facilities"),
            "text": _t(
                "Gửi tệp XML giám định đang dùng, không phải viết lại phần mềm. Mỗi hồ sơ có kết quả "
                "riêng kèm điều khoản.",
                "Send the insurance XML you already make; nothing to rewrite. Every dossier gets its "
                "own verdict with the rule behind it.",
            ),
            "items": [
                _item("XML theo QĐ 130, 4750, 3176", "XML of Decisions 130, 4750 and 3176", is_open=True),
                _item(
                    "Gửi lại không nhân đôi, gửi sửa thay bản cũ",
                    "Sent twice counts once; a correction supersedes",
                    is_open=True,
                ),
                _item(
                    "Kiểm thử trước, không ghi (dry_run)", "Try first without storing (dry_run)", is_open=True
                ),
                _item(
                    "FHIR R4, giấy chuyển tuyến, tra cứu tiếp đón",
                    "FHIR R4, referrals, reception look-up",
                    is_open=False,
                ),
            ],
            "links": [{"href": "/docs#/health-book", "text": _t("Gửi hồ sơ khám", "Submit visits")}],
        },
        {
            "icon": "province",
            "title": _t("Bộ, ngành và địa phương", "Ministries and provinces"),
            "text": _t(
                "Một cửa kết nối với Cổng Dịch vụ công quốc gia và các hệ thống cấp tỉnh, có đối "
                "soát từng ngày.",
                "One connection to the national public-service portal and the provinces' systems, "
                "reconciled day by day.",
            ),
            "items": [
                _item(
                    "Mô tả sự kiện theo AsyncAPI và CloudEvents",
                    "Events described in AsyncAPI and CloudEvents",
                    is_open=True,
                ),
                _item(
                    "Nhận và trả hồ sơ, trạng thái có chữ ký",
                    "Signed exchange of dossiers and statuses",
                    is_open=False,
                ),
                _item(
                    "Webhook, đối soát, gửi lại từng bản tin",
                    "Webhooks, reconciliation, replay of single messages",
                    is_open=False,
                ),
            ],
            "links": [
                {"href": "/asyncapi.json", "text": _t("Danh mục sự kiện", "Event catalogue")},
                {"href": "/v1/status", "text": _t("Trạng thái hệ thống", "System status")},
            ],
        },
        {
            "icon": "developer",
            "title": _t("Nhà phát triển", "Developers"),
            "text": _t(
                "API theo chuẩn mở, chạy trọn bộ trên một máy bằng một lệnh, thử với người và bệnh "
                "viện giả định.",
                "An API on open standards; the whole stack runs on one machine with one command, "
                "with made-up people and hospitals.",
            ),
            "items": [
                _item(
                    "OpenID Connect, PKCE, private_key_jwt",
                    "OpenID Connect, PKCE, private_key_jwt",
                    is_open=True,
                ),
                _item(
                    "OpenAPI 3.1 gộp của mọi dịch vụ",
                    "One OpenAPI 3.1 document of all services",
                    is_open=True,
                ),
                _item(
                    "Mỗi mã lỗi có nguyên nhân và cách xử lý",
                    "Every problem code with cause and remedy",
                    is_open=True,
                ),
            ],
            "links": [
                {"href": "/docs", "text": _t("Tài liệu API", "API documentation")},
                {"href": "/developers/problems", "text": _t("Mã lỗi", "Problem codes")},
                {"href": "/openapi.json", "text": _t("openapi.json", "openapi.json")},
            ],
        },
    ]


STEPS: list[dict[str, Text]] = [
    {
        "title": _t("Bệnh viện gửi", "The hospital sends"),
        "text": _t(
            "Phần mềm bệnh viện gửi tệp XML của lượt khám, một lần.",
            "The hospital's system sends the visit's XML, once.",
        ),
    },
    {
        "title": _t("Hệ thống kiểm tra", "It is checked"),
        "text": _t(
            "Từng hồ sơ được đọc, kiểm theo quy định, ghi nhận hoặc trả lại kèm lý do.",
            "Each dossier is read, checked by the rules, taken or returned with the reason.",
        ),
    },
    {
        "title": _t("Đúng người nhận", "It finds its person"),
        "text": _t(
            "Lượt khám về đúng sổ, kể cả khi chưa có tài khoản hay thẻ bảo hiểm.",
            "The visit reaches the right book, account or insurance card or not.",
        ),
    },
    {
        "title": _t("Người dân xem", "The citizen reads"),
        "text": _t(
            "Thông báo tới điện thoại; chỉ người đó đọc được, ai đọc đều để lại dấu vết.",
            "A notice arrives on the phone; only that person can read it, and every reading leaves a trace.",
        ),
    },
]

PROMISES: list[dict[str, Text]] = [
    {
        "title": _t("Không mất, không nhân đôi", "Nothing lost, nothing doubled"),
        "text": _t(
            "Điều đã nhận là đã lưu. Gửi lại cùng khóa cho cùng kết quả.",
            "What was acknowledged is stored. The same key gives the same answer.",
        ),
    },
    {
        "title": _t("Mọi lượt đọc đều có dấu vết", "Every reading leaves a trace"),
        "text": _t(
            "Ai đọc, vì mục đích gì, theo căn cứ nào; cả khi bị từ chối.",
            "Who, for what purpose, on which legal ground; refused attempts too.",
        ),
    },
    {
        "title": _t("Quyết định tự giải thích", "Decisions explain themselves"),
        "text": _t(
            "Mỗi từ chối nêu quy định, nguồn và dữ kiện đã dùng.",
            "Every refusal names the rule, its source and the facts used.",
        ),
    },
]


def in_language(value: Any, language: Language) -> Any:  # Any: nested texts
    """Return the value with every text in it replaced by its words in one language."""
    if isinstance(value, dict):
        if value.keys() == {"vi", "en"}:
            return value[language]
        return {key: in_language(inner, language) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_language(inner, language) for inner in value]
    return value
