"""The bytes of a mail: text and documents as RFC 5322 and MIME say, the same each time (RFC 2045, RFC 5322)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from comptoir.kernel.text import unbroken
from comptoir.mailing.model import Mail
from comptoir.mailing.rules import mailable


def composed(mail: Mail, sender: str, contents: Mapping[str, bytes]) -> bytes:
    """The message from the address `sender`, with the bytes of each attachment by its identifier.

    Answers go to whoever wrote. Nothing in it depends on when it is made: a second try sends the same bytes. What is
    in a header stands on one line, whatever was entered: a line break could begin another header (RFC 5322 §2.2).
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(mail.sender, sender)
    message["Reply-To"] = mailable(mail.reply_to) or mail.reply_to
    message["To"] = _addresses(mail.to)
    if mail.cc:
        message["Cc"] = _addresses(mail.cc)
    message["Subject"] = unbroken(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["X-Comptoir-Mail"] = mail.id
    text = f"{mail.message}\n\n-- \n{mail.footer}\n"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    for each in mail.attachments:
        main, _, sub = each.media_type.value.partition("/")
        message.add_attachment(contents[each.file], maintype=main, subtype=sub, filename=unbroken(each.filename))
    if mail.attachments:
        message.set_boundary(f"=_{mail.id}")
    return message.as_bytes()


_LINE = 60
"""Characters of a name and its address that surely stand on one line, with what is escaped in them."""
_QUOTED = str.maketrans(dict.fromkeys('()<>[]:;@\\,."', " "))
"""What stands in a name between quotation marks only (RFC 5322 §3.2.3)."""


def _address(name: str, address: str) -> Address:
    """An address with its name; one that may take several lines has nothing to quote.

    Python before 3.13 loses the quotation marks there, and a comma would begin another address.
    """
    if name.isascii() and len(name) + len(address) > _LINE:
        name = name.translate(_QUOTED)
    return Address(display_name=unbroken(name), addr_spec=address)


def _addresses(addresses: Sequence[str]) -> list[Address]:
    return [Address(addr_spec=mailable(each) or each) for each in addresses]
