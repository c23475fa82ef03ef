"""What people tell us about themselves: brought into one form, sealed, shown only in part."""

import re
import unicodedata

from groupbuy.domain.kernel import Invalid

PHONE = "phone"
"""Name of the field in fingerprints and seals."""
PASSWORD_LEAST = 8
PASSWORD_MOST = 128
NAME_MOST = 40
_MAINLAND = re.compile(r"1[3-9]\d{9}")
_ABROAD = re.compile(r"\+[1-9]\d{7,14}")
_COMMON = (
    "password", "passw0rd", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r", "1qaz2wsx",
    "abc123", "abcd1234", "a123456", "aa123456", "woaini", "5201314", "iloveyou", "letmein",
    "welcome", "admin", "administrator", "root", "dragon", "sunshine", "monkey", "football",
    "baseball", "princess", "superman", "batman", "trustno1", "master", "shadow", "michael",
    "123456789", "987654321", "11223344", "112233", "147258369", "159357", "789456123", "groupbuy",
    "tuangou", "wechat", "weixin", "taobao", "zhimakaimen", "mima", "nihao",
)  # fmt: skip


def phone_of(text: str) -> str:
    """Return a phone number in international form. Raises Invalid."""
    plain = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", text))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    local = plain.removeprefix("+86")
    if _MAINLAND.fullmatch(local):
        return "+86" + local
    if plain.startswith("+86") or not _ABROAD.fullmatch(plain):
        raise Invalid(field=PHONE, reason="is no phone number")
    return plain


def name_of(text: str, field: str = "name") -> str:
    """Return a display name without odd spaces. Raises Invalid."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    hidden = any(unicodedata.category(letter)[0] == "C" for letter in plain)
    if not 1 <= len(plain) <= NAME_MOST or hidden:
        raise Invalid(field=field, reason=f"must have 1 to {NAME_MOST} visible letters")
    return plain


def check_password(password: str, phone: str) -> None:
    """Refuse passwords that are guessed first. Raises Invalid."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        reason = f"must have {PASSWORD_LEAST} to {PASSWORD_MOST} characters"
        raise Invalid(field="password", reason=reason)
    if _guessable(password.casefold(), phone):
        raise Invalid(field="password", reason="is guessed too easily")


def _guessable(password: str, phone: str) -> bool:
    rest = password
    for word in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(word, "")
    common = rest != password and len(set(rest)) < 4
    return common or password.isdigit() or len(set(password)) < 4 or phone[-8:] in password


def tail(text: str) -> str:
    """Return the last four letters, enough to recognise a number by."""
    return text[-4:]


def masked_phone(phone: str) -> str:
    """Return a phone number nobody can call: `138****8000`."""
    local = phone.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}"
