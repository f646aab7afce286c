"""Mails against their golden form: what a supplier's mail server receives never changes unseen (SUP-01, RFC 5322)."""

from __future__ import annotations

import email
import email.policy
from email.utils import getaddresses

from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.text import sha256
from comptoir.mailing.message import composed
from comptoir.mailing.model import Mail
from tests.golden.test_golden import matches

PDF = b"%PDF-1.7\n" + bytes(range(256))
MAIL = Mail.model_validate(
    {
        "id": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
        "owner": "order",
        "owner_id": "01KASXPZ5CF1A3H9QJ4M7R2W8S",
        "to": ("j.mueller@großhandel-müller.example", "einkauf@gm.example"),
        "cc": ("achats@ponant.example",),
        "subject": "Bestellung BC-000012-1-2 — COMPTOIR DU PONANT, quincaillerie marine et articles de gréement",
        "author": "Anne Le Gall",
        "created_at": "2026-11-21T09:30:00Z",
        "state": "queued",
        "language": "de",
        "sender": "COMPTOIR DU PONANT, Société « Générale »",
        "reply_to": "anne@ponant.example",
        "message": "Guten Tag Jörg Müller,\n\nanbei erhalten Sie unsere Bestellung.\n.\nFrom here on: 株式会社\n\n"
        + "x" * 300,
        "footer": "COMPTOIR DU PONANT, SAS mit einem Kapital von 80.000 € — SIREN 732 829 320 RCS Brest",
        "operator": "01KASXPZ5CF1A3H9QJ4M7R2W8R",
        "attachments": (
            {
                "file": "01KASXPZ5CF1A3H9QJ4M7R2W8Q",
                "owner": "order",
                "owner_id": "01KASXPZ5CF1A3H9QJ4M7R2W8S",
                "kind": "purchase_order",
                "title": "Bestellung BC-000012-1-2",
                "filename": "BC-000012-1-2.pdf",
                "media_type": "application/pdf",
                "sha256": sha256(PDF),
                "size": len(PDF),
                "bucket": "files",
                "key": "k",
            },
        ),
    }
)


def message() -> bytes:
    """The bytes that are handed over."""
    [attached] = MAIL.attachments
    return composed(MAIL, "documents@comptoir.example", {attached.file: PDF})


def test_a_mail_is_as_it_was_last_read() -> None:
    assert message() == message()
    matches("mail-purchase-order.eml", message().decode("ascii").replace("\r\n", "\n"))


HOSTILE = st.text(min_size=1, max_size=60).map(str.strip).filter(lambda text: bool(text) and text.isprintable())
BROKEN = st.tuples(HOSTILE, st.sampled_from(["\n", "\t", "\nBcc: x@evil.example\n", "\n\n"]), HOSTILE).map("".join)


@given(HOSTILE | BROKEN, HOSTILE | BROKEN, HOSTILE | BROKEN)
def test_nothing_that_is_entered_begins_a_header(subject: str, sender: str, title: str) -> None:
    """RFC 5322 §2.2: subject, name and file name stand on one line each, whatever they hold; nobody is added."""
    [attached] = MAIL.attachments
    told = {"subject": subject, "sender": sender, "attachments": (attached.change(filename=f"{title[:120]}.pdf"),)}
    read = email.message_from_bytes(
        composed(MAIL.change(**told), "documents@comptoir.example", {attached.file: PDF}), policy=email.policy.default
    )
    assert set(read.keys()) == {
        *("From", "Reply-To", "To", "Cc", "Subject", "Date", "X-Comptoir-Mail", "MIME-Version", "Content-Type")
    }
    [text, pdf] = read.iter_parts()
    assert pdf.get_content() == PDF
    assert text.get_content_type() == "text/plain"
    assert len(read["To"].addresses) == len(MAIL.to)


def test_answers_reach_an_international_domain() -> None:
    """RFC 5890: a server finds it in its ASCII form alone."""
    sent = composed(MAIL.change(reply_to="jörg@müller.example", attachments=()), "documents@comptoir.example", {})
    assert b"\r\nReply-To: =" in sent
    sent = composed(MAIL.change(reply_to="anne@müller.example", attachments=()), "documents@comptoir.example", {})
    assert b"\r\nReply-To: anne@xn--mller-kva.example\r\n" in sent


WORDS = st.sampled_from(("Dupont,", "Martin", "(Fils)", 'dit "le', 'Jeune".', "Frères;", "Cie"))


@given(st.lists(WORDS, min_size=1, max_size=25).map(" ".join))
def test_a_sender_of_any_name_is_one_sender(name: str) -> None:
    """RFC 5322 §3.4: a comma in a long name begins no other address."""
    sent = composed(MAIL.change(sender=name, attachments=()), "documents@comptoir.example", {})
    [told] = [line for line in sent.replace(b"\r\n ", b" ").split(b"\r\n") if line.startswith(b"From: ")]
    assert [address for _, address in getaddresses([told[6:].decode()])] == ["documents@comptoir.example"]


def test_every_line_is_short_enough_and_what_comes_out_is_what_went_in() -> None:
    """RFC 5322 §2.1.1: 998 octets at most; a lone dot and « From » at the start of a line survive."""
    assert max(map(len, message().split(b"\r\n"))) <= 998
    assert b"\n" not in message().replace(b"\r\n", b"")
    read = email.message_from_bytes(message(), policy=email.policy.default)
    text, pdf = read.iter_parts()
    assert read["Subject"] == MAIL.subject
    assert read["From"].addresses[0].display_name == MAIL.sender
    assert text.get_content().replace("\r\n", "\n") == f"{MAIL.message}\n\n-- \n{MAIL.footer}\n"
    assert pdf.get_content() == PDF
