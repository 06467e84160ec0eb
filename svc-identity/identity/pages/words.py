"""The words of every sign-in page in both languages: what happened, and what to do now."""

from dataclasses import dataclass

from chassis.errors import Text


@dataclass(frozen=True, slots=True)
class PageWords:
    """Heading, what happened, what to do."""

    heading: Text
    happened: Text
    todo: Text


FRAME: dict[str, Text] = {
    "name": Text(vi="Liên Thông", en="Liên Thông"),
    "what": Text(vi="Đăng nhập", en="Sign in"),
    "back": Text(vi="Quay lại ứng dụng", en="Back to the app"),
    "code": Text(vi="Mã lỗi", en="Error code"),
    "trace": Text(vi="Mã tra cứu", en="Reference"),
}

PAGES: dict[str, PageWords] = {
    "request_unusable": PageWords(
        Text(vi="Yêu cầu đăng nhập không hợp lệ", en="This sign-in request is not valid"),
        Text(
            vi="Ứng dụng gửi bạn đến đây không được nhận ra, hoặc yêu cầu bị sai.",
            en="The app that sent you here is not known, or its request is wrong.",
        ),
        Text(
            vi="Hãy đóng trang này và mở lại ứng dụng. Nếu vẫn lỗi, hãy báo cho nơi làm ra ứng dụng.",
            en="Close this page and open the app again. If it persists, tell the app's maker.",
        ),
    ),
    "sign_in_over": PageWords(
        Text(vi="Lần đăng nhập này đã kết thúc", en="This sign-in is over"),
        Text(
            vi="Lần đăng nhập đã hoàn tất hoặc đã quá 15 phút.",
            en="It was completed already, or more than 15 minutes have passed.",
        ),
        Text(vi="Hãy bắt đầu lại từ ứng dụng.", en="Start again from the app."),
    ),
    "other_browser": PageWords(
        Text(vi="Đăng nhập được bắt đầu ở trình duyệt khác", en="This sign-in began in another browser"),
        Text(
            vi="Để bảo vệ bạn, lần đăng nhập phải kết thúc ở trình duyệt đã bắt đầu, và trình duyệt phải cho"
            " phép cookie.",
            en="To protect you, a sign-in ends in the browser where it began, which must allow cookies.",
        ),
        Text(
            vi="Hãy bắt đầu lại từ ứng dụng. Không mở đường dẫn đăng nhập do người khác gửi.",
            en="Start again from the app. Do not open sign-in links that others send you.",
        ),
    ),
    "code_refused": PageWords(
        Text(vi="VNeID không xác nhận lần đăng nhập này", en="VNeID did not confirm this sign-in"),
        Text(
            vi="Mã xác nhận đã hết hạn hoặc không thuộc lần đăng nhập này.",
            en="The confirmation has expired or does not belong to this sign-in.",
        ),
        Text(vi="Hãy bắt đầu lại từ ứng dụng.", en="Start again from the app."),
    ),
    "level_not_reached": PageWords(
        Text(vi="Cần tài khoản định danh mức độ 2", en="A level 2 account is needed"),
        Text(
            vi="Bạn đã đăng nhập đúng, nhưng tài khoản VNeID của bạn ở mức thấp hơn mức mà phần này yêu cầu."
            " Hệ thống không lưu gì từ lần đăng nhập này.",
            en="You signed in correctly, but your VNeID account is below the level that this part needs."
            " Nothing from this sign-in was kept.",
        ),
        Text(
            vi="Nâng lên mức độ 2 tại công an xã, phường bất kỳ; mang theo thẻ căn cước. Các phần không cần"
            " mức độ 2 vẫn dùng được.",
            en="Raise it to level 2 at any commune police office; bring your identity card. What needs no"
            " level 2 stays open to you.",
        ),
    ),
    "organisation_account": PageWords(
        Text(
            vi="Ứng dụng này không dành cho tổ chức",
            en="This app is not for organisations",
        ),
        Text(
            vi="Bạn đã chọn tài khoản của tổ chức, nhưng ứng dụng chỉ yêu cầu những việc của cá nhân.",
            en="You chose an organisation's account, but the app asks for a person's own things only.",
        ),
        Text(
            vi="Hãy đăng nhập lại bằng tài khoản cá nhân của bạn.",
            en="Sign in again with your personal account.",
        ),
    ),
    "staff_role_missing": PageWords(
        Text(vi="Vai trò của bạn không dùng được ở đây", en="Your role does not reach here"),
        Text(
            vi="Bạn đã đăng nhập đúng, nhưng ứng dụng yêu cầu quyền mà vai trò của bạn không có.",
            en="You signed in correctly, but the app asks for rights that your role does not have.",
        ),
        Text(
            vi="Hãy dùng ứng dụng dành cho công việc của bạn, hoặc hỏi người quản lý tài khoản của cơ quan.",
            en="Use the app made for your work, or ask whoever manages your organisation's accounts.",
        ),
    ),
    "busy": PageWords(
        Text(vi="Có quá nhiều người đang đăng nhập", en="Too many people are signing in"),
        Text(
            vi="Hệ thống chưa xem đến tên và mật khẩu của bạn.",
            en="The system has not looked at your name and password.",
        ),
        Text(vi="Hãy quay lại trang trước và thử lại sau vài giây.", en="Go back and try again shortly."),
    ),
    "records_to_be_joined": PageWords(
        Text(vi="Thông tin của bạn cần được kiểm tra", en="Your records need to be checked"),
        Text(
            vi="Tài khoản và số định danh đang gắn với hai hồ sơ khác nhau. Hệ thống không thay đổi gì.",
            en="The account and the personal number lead to two different records. Nothing was changed.",
        ),
        Text(
            vi="Hãy liên hệ bộ phận hỗ trợ và cho biết mã tra cứu dưới đây.",
            en="Contact support and give the reference below.",
        ),
    ),
    "upstream_untrusted": PageWords(
        Text(vi="Không xác minh được trả lời của VNeID", en="VNeID's answer could not be verified"),
        Text(
            vi="Trả lời nhận được không qua được kiểm tra an toàn, nên bạn chưa được đăng nhập và không có"
            " gì được lưu lại. Đây không phải lỗi của bạn.",
            en="The answer did not pass our safety checks, so you are not signed in and nothing was kept."
            " This is not your fault.",
        ),
        Text(
            vi="Hãy thử lại sau. Nếu vẫn lỗi, hãy báo mã tra cứu dưới đây.",
            en="Try again later. If it persists, report the reference below.",
        ),
    ),
    "upstream_down": PageWords(
        Text(vi="VNeID tạm thời không trả lời", en="VNeID does not answer at the moment"),
        Text(
            vi="Việc đăng nhập do VNeID thực hiện và VNeID đang không trả lời. Không có gì được lưu lại.",
            en="Sign-in is done by VNeID, which does not answer right now. Nothing was kept.",
        ),
        Text(vi="Hãy thử lại sau ít phút.", en="Try again in a few minutes."),
    ),
}

STAFF: dict[str, Text] = {
    "heading": Text(vi="Đăng nhập dành cho cán bộ", en="Staff sign-in"),
    "lead": Text(
        vi="Dành cho cán bộ, nhân viên y tế, người vận hành. Người dân và doanh nghiệp dùng VNeID.",
        en="For officers, clinicians and operators. Citizens and companies sign in with VNeID.",
    ),
    "client": Text(vi="Bạn sẽ vào ứng dụng:", en="You are signing in to:"),
    "username": Text(vi="Tên đăng nhập", en="Username"),
    "password": Text(vi="Mật khẩu", en="Password"),
    "code": Text(vi="Mã một lần (6 chữ số)", en="One-time code (6 digits)"),
    "code_hint": Text(
        vi="Từ ứng dụng xác thực. Mỗi mã dùng một lần.",
        en="From your authenticator app. Each code works once.",
    ),
    "send": Text(vi="Đăng nhập", en="Sign in"),
    "cancel": Text(vi="Hủy và quay lại ứng dụng", en="Cancel and go back to the app"),
    "wrong": Text(vi="Chưa đăng nhập được", en="Not signed in"),
    "not_recognised": Text(
        vi="Tên đăng nhập, mật khẩu hoặc mã một lần không đúng. Nếu mã vừa được dùng, hãy chờ mã tiếp theo.",
        en="The username, password or one-time code is not right. A code just used does not work again.",
    ),
    "throttled": Text(
        vi="Đã thử sai quá nhiều lần. Hãy thử lại sau {seconds} giây.",
        en="Too many failed tries. Try again in {seconds} seconds.",
    ),
    "sandbox": Text(
        vi="Môi trường thử nghiệm: tên, mật khẩu và mã ở trang",
        en="Sandbox: names, passwords and codes are on the page",
    ),
    "other_language": Text(vi="English", en="Tiếng Việt"),
}
