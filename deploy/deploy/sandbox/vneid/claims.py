"""What VNeID says about a person: the national claim names beside the standard ones.

`TechID` is the stable key that accounts are mapped by (numbers change, it does not); `LoaiTaiKhoan` is 1 for
a person, 2 for an organisation, whose claims always come together with those of the person who acts.
The names are those of the national portal's single sign-on, which answers all of them for scope
`openid`; the birth date has no name there and comes as the standard `birthdate`.
"""

from dataclasses import dataclass

from deploy.sandbox.accounts import tech_id_of
from deploy.sandbox.people import Person
from deploy.sandbox.personas import personas


@dataclass(frozen=True, slots=True)
class Account:
    """What a person signs in as: the own account (`number` is None) or a company by its tax code."""

    title: str
    number: str | None = None


def accounts_of(person: Person) -> tuple[Account, ...]:
    """Return the person's own account, then the companies whose legal representative the person is."""
    own = [Account(person.name)]
    for company in personas().values():
        representative = personas().get(company.represented_by or "")
        if representative and representative.person and representative.person.tech_id == person.tech_id:
            own.append(Account(company.title, company.number))
    return tuple(own)


def identity_claims(person: Person, account: Account, level: int) -> dict[str, object]:
    """Return what the id_token says: who, as what, how surely. No number and no contact in it."""
    tech_id = person.tech_id if account.number is None else tech_id_of(account.number)
    return {
        "sub": tech_id,
        "TechID": tech_id,
        "LoaiTaiKhoan": "1" if account.number is None else "2",
        "acr": f"LoA{level}",
        "amr": ["pwd", "otp"],
    }


def national_claims(person: Person, account: Account, level: int) -> dict[str, object]:
    """Return what userinfo says; numbers travel only here."""
    claims = identity_claims(person, account, level)
    del claims["amr"]
    claims |= {
        "SoDinhDanh": person.personal_id,
        "SoCMND": person.old_paper,
        "HoVaTen": person.name,
        "GioiTinh": "1" if person.sex == "male" else "2",
        "DiaChi": person.full_address,
        "SoDienThoai": person.phone,
        "name": person.name,
        "gender": person.sex,
        "birthdate": person.born_on.isoformat(),
    }
    if account.number is not None:
        claims |= {
            "MaSoThue": account.number,
            "MaSoDoanhNghiep": account.number,
            "TenDoanhNghiep": account.title,
            "TechIDNguoiDaiDien": person.tech_id,
        }
    return claims
