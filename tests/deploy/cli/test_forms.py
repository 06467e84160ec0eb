"""Forms are read as a browser reads them and sent as it would send them."""

import pytest

from deploy.cli.forms import first_form

ADDRESS = "http://127.0.0.1:8080/sign-in/1"


def test_asked_fields_are_filled_and_hidden_ones_kept() -> None:
    page = (
        '<form method="post" action="../next"><input type=hidden name=csrf value=x>'
        "<input name=password></form>"
    )
    form = first_form(page, ADDRESS)
    assert form is not None
    assert form.action == "http://127.0.0.1:8080/next"
    assert form.filled({"password": "secret", "unknown": "left out"}) == {"csrf": "x", "password": "secret"}


def test_field_without_an_answer_is_named() -> None:
    form = first_form('<form method="post"><input name="captcha"></form>', ADDRESS)
    assert form is not None
    assert form.action == ADDRESS
    with pytest.raises(KeyError, match="captcha"):
        form.filled({"password": "secret"})


def test_first_button_is_pressed_unless_another_is_asked_for() -> None:
    page = (
        '<form method="post"><button name="decision" value="raise"></button>'
        '<button name="decision" value="keep"></button></form>'
    )
    form = first_form(page, ADDRESS)
    assert form is not None
    assert form.choices == {"decision": ["raise", "keep"]}
    assert form.filled({}) == {"decision": "raise"}
    assert form.filled({"decision": "keep"}) == {"decision": "keep"}


def test_checked_choice_is_sent_by_default() -> None:
    page = (
        '<form method="post"><input type="radio" name="account" value="" checked>'
        '<input type="radio" name="account" value="0100000010"></form>'
    )
    form = first_form(page, ADDRESS)
    assert form is not None
    assert form.filled({}) == {"account": ""}
    assert form.filled({"account": "0100000010"}) == {"account": "0100000010"}


def test_page_without_a_form_has_none() -> None:
    assert first_form("<h1>Lỗi</h1><input name='outside'>", ADDRESS) is None
