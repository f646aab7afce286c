"""The document base: uploads announced, checked, never replaced; images; who sees what (DOC-01, DOC-03)."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest

from comptoir.access.execute import Request
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference, UpdateReference
from comptoir.catalogue.model import Reference
from comptoir.docbase.commands import (
    AnnounceImage,
    AnnounceOrderFile,
    AnnouncePartyFile,
    AnnouncePicture,
    CompleteImage,
    CompleteOrderFile,
    CompletePartyFile,
    CompletePicture,
    SetPortrait,
)
from comptoir.docbase.items import Portrait, image_key
from comptoir.docbase.model import (
    MOST_BYTES,
    FiledView,
    FileKind,
    FileLink,
    Image,
    ImageLink,
    MediaType,
    Ticket,
    Upload,
)
from comptoir.docbase.queries import (
    ListImages,
    ListOrderFiles,
    ListPartyFiles,
    OpenOrderFile,
    OpenPartyFile,
    ReadReferencePicture,
)
from comptoir.docbase.tasks import Printable, check_upload, images
from comptoir.kernel.errors import DomainError, NotFound, Refused, problem
from comptoir.kernel.text import sha256
from comptoir.orders.model import QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.signing import SignQuote
from comptoir.orders.tasks import quote_to_render
from tests.unit.orders_support import Desk, codes, open_desk, refusal
from tests.world import World, another_company

PDF = b"%PDF-1.7\nfacture"


def workbook(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return out.getvalue()


@dataclass
class Bucket:
    """The files bucket: what is sent, and what was taken, each key once."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str, most: int) -> bytes | None:
        content = self.objects.get(key)
        return content[: most + 1] if content is not None else None

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        self.objects.setdefault(key, body)


@dataclass
class Checker:
    """The render function, for checks: problems are raised as its caller would."""

    world: World
    bucket: Bucket = field(default_factory=Bucket)

    def render(self, task: Any) -> Any:
        return check_upload(self.world.services, task, self.bucket, lambda c: Printable(c, MediaType.PNG, 80, 20))

    def send(self, ticket: Ticket, content: bytes) -> None:
        """PUT the bytes where the ticket says."""
        assert ticket.url is not None
        self.bucket.objects[ticket.url.removeprefix("https://files.example/")] = content


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


@pytest.fixture
def checker(desk: Desk) -> Checker:
    checker = Checker(desk.world)
    desk.world.services = replace(desk.world.services, renderer=checker)
    return checker


def told(content: bytes, media_type: MediaType = MediaType.PDF, **fields: Any) -> dict[str, Any]:
    given = {"filename": "a.pdf", "media_type": media_type, "size": len(content), "sha256": sha256(content)}
    return given | fields


def take(checker: Checker, order: str, content: bytes, **fields: Any) -> Upload:
    """Announce, send and complete a file of an order."""
    ticket = checker.world.do(Ticket, AnnounceOrderFile(order=order, **told(content, **fields)))
    checker.send(ticket, content)
    return checker.world.do(Upload, CompleteOrderFile(order=order, upload=ticket.upload.id))


def test_a_file_is_announced_sent_checked_and_stands_in_the_base(desk: Desk, checker: Checker) -> None:
    """DOC-01, DOC-03: its bytes lie where no link can write, under their hash and its own identifier."""
    order, _ = desk.offer()
    upload = take(checker, order.id, PDF, kind="supplier_invoice", title="Facture Levures", comment="Avoir attendu")
    (filed,) = desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items
    assert (filed.id, filed.kind, filed.title, filed.comment) == (
        upload.file,
        FileKind.SUPPLIER_INVOICE,
        "Facture Levures",
        "Avoir attendu",
    )
    assert (filed.sha256, filed.size, filed.author) == (sha256(PDF), len(PDF), "Opérateur manager")
    link = desk.world.do(FileLink, OpenOrderFile(order=order.id, file=filed.id)).url
    assert link == f"https://files.example/base/{desk.world.company}/{sha256(PDF)}/{filed.id}.pdf"
    assert desk.world.do(Upload, CompleteOrderFile(order=order.id, upload=upload.id)) == upload
    assert len(desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items) == 1


def test_uploads_never_replace_one_another(desk: Desk, checker: Checker) -> None:
    """DOC-03: the same bytes under the same name, twice, are two documents; newest first."""
    order, _ = desk.offer()
    first, second = take(checker, order.id, PDF), take(checker, order.id, PDF)
    listed = desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items
    assert [file.id for file in listed] == [second.file, first.file]
    assert sum(key.startswith("base/") for key in checker.bucket.objects) == 2


@pytest.mark.parametrize(
    ("media_type", "content", "ok"),
    [
        (MediaType.PDF, PDF, True),
        (MediaType.PDF, b"<html>%PDF-", False),
        (MediaType.JPEG, b"\xff\xd8\xff\xe0", True),
        (MediaType.JPEG, PDF, False),
        (MediaType.PNG, b"\x89PNG\r\n\x1a\n0", True),
        (MediaType.PNG, b"\x89PNG", False),
        (MediaType.XLSX, workbook("[Content_Types].xml", "xl/workbook.xml"), True),
        (MediaType.XLSX, workbook("word/document.xml"), False),
        (MediaType.XLSX, b"PK\x03\x04 not a zip", False),
        (MediaType.CSV, "code;désignation\n".encode("cp1252"), True),
        (MediaType.CSV, b"MZ\x90\x00\x03", False),
        (MediaType.XML, b"\xef\xbb\xbf <?xml version='1.0'?><a/>", True),
        (MediaType.XML, b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", False),
        (MediaType.XML, b"a;b", False),
    ],
)
def test_the_first_bytes_decide_on_the_type(
    desk: Desk, checker: Checker, media_type: MediaType, content: bytes, ok: bool
) -> None:
    """DOC-03: whatever the name and the announced type say."""
    order, _ = desk.offer()
    if ok:
        assert take(checker, order.id, content, media_type=media_type).file
        return
    with pytest.raises(Refused) as error:
        take(checker, order.id, content, media_type=media_type)
    assert codes(error.value) == ["other_type"]
    assert desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items == ()


def test_other_bytes_than_announced_are_refused(desk: Desk, checker: Checker) -> None:
    """DOC-03: nothing sent, something else, or a file that grew."""
    order, _ = desk.offer()
    ticket = desk.world.do(Ticket, AnnounceOrderFile(order=order.id, **told(PDF)))
    complete = CompleteOrderFile(order=order.id, upload=ticket.upload.id)
    assert codes(refusal(desk, complete)) == ["not_uploaded"]
    checker.send(ticket, PDF + b" ")
    assert codes(refusal(desk, complete)) == ["other_bytes"]
    assert problem(refusal(desk, complete))["status"] == 422
    checker.send(ticket, PDF)
    assert desk.world.do(Upload, complete).file


@pytest.mark.parametrize(
    "fields", [{"size": MOST_BYTES + 1}, {"size": 0}, {"media_type": "text/html"}, {"sha256": "A" * 64}]
)
def test_size_and_type_are_checked_before_anything_is_sent(fields: dict[str, Any]) -> None:
    """DOC-03: 20 MB; PDF, JPEG, PNG, XLSX, CSV, XML."""
    with pytest.raises(ValueError, match="1 validation error"):
        AnnounceOrderFile(order="7" * 26, **(told(PDF) | fields))


def test_what_belongs_to_one_is_unknown_to_another(desk: Desk, checker: Checker) -> None:
    """ACC-05, DOC-01: neither another object nor another company opens, lists or completes it."""
    order, _ = desk.offer()
    upload = take(checker, order.id, PDF)
    stranger = another_company(desk.world)
    asked: list[tuple[World, Request]] = [
        (stranger, OpenOrderFile(order=order.id, file=upload.id)),
        (stranger, ListOrderFiles(order=order.id)),
        (stranger, CompleteOrderFile(order=order.id, upload=upload.id)),
        (stranger, AnnounceOrderFile(order=order.id, **told(PDF))),
        (desk.world, OpenPartyFile(party=desk.customer.id, file=upload.id)),
        (desk.world, CompletePartyFile(party=desk.customer.id, upload=upload.id)),
        (desk.world, CompleteImage(upload=upload.id)),
    ]
    for world, request in asked:
        profile = "administrator"
        with pytest.raises(NotFound):
            world.execute_as(profile, request)


def test_a_party_has_a_base_of_its_own(desk: Desk, checker: Checker) -> None:
    ticket = desk.world.do(Ticket, AnnouncePartyFile(party=desk.customer.id, **told(PDF)))
    checker.send(ticket, PDF)
    desk.world.do(Upload, CompletePartyFile(party=desk.customer.id, upload=ticket.upload.id))
    assert len(desk.world.do(Listing[FiledView], ListPartyFiles(party=desk.customer.id)).items) == 1


def image(checker: Checker, content: bytes = b"\x89PNG\r\n\x1a\nlogo") -> Upload:
    """An image of the company."""
    world = checker.world
    ticket = world.do(Ticket, AnnounceImage(**told(content, MediaType.PNG, title="Logo")), "administrator")
    checker.send(ticket, content)
    return world.do(Upload, CompleteImage(upload=ticket.upload.id), "administrator")


def test_an_image_lies_under_its_hash_and_is_checked_when_it_is_used(desk: Desk, checker: Checker) -> None:
    """QUO-06: what an issued document prints is found again by its hash, or not at all."""
    made = image(checker).image
    assert made is not None
    assert [found.sha256 for found in desk.world.do(Listing[Image], ListImages(), "administrator").items] == [
        made.sha256
    ]
    company = desk.world.company
    content = checker.bucket.objects[image_key(company, made.sha256)]
    assert images(checker.bucket, company, (made.sha256,)) == {made.sha256: content}
    checker.bucket.objects[image_key(company, made.sha256)] = b"other"
    with pytest.raises(LookupError):
        images(checker.bucket, company, (made.sha256,))
    too_large = AnnounceImage(**told(PDF, MediaType.PNG) | {"size": 2_000_001})
    for request in (too_large, AnnounceImage(**told(PDF))):
        with pytest.raises(Refused):
            desk.world.execute_as("administrator", request)


def test_the_picture_of_the_sales_person_is_frozen_into_the_quote(desk: Desk, checker: Checker) -> None:
    """QUO-01."""
    made, manager = image(checker).image, desk.world.operators["manager"]
    assert made is not None
    unknown = SetPortrait(operator=manager, image="0" * 64)
    with pytest.raises(Refused):
        desk.world.execute_as("administrator", unknown)
    desk.world.do(Portrait, SetPortrait(operator=manager, image=made.sha256), "administrator")
    desk.world.services = replace(desk.world.services, renderer=desk.renderer)
    order, _ = desk.quoted("100.00")
    desk.world.do(Portrait, SetPortrait(operator=manager), "administrator")
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    task = {"company": desk.world.company, "order": order.id}
    pictures = [quote_to_render(desk.world.services, task | {"version": version}).portrait for version in (1, 2)]
    assert pictures == [made, None]


def test_a_reference_shows_its_picture(desk: Desk, checker: Checker) -> None:
    """CAT-01, ACC-05: who edits the catalogue sends it; it is one of the company's own images, kept for ever."""
    world, content = desk.world, b"\xff\xd8\xffpalan"
    ticket = world.do(Ticket, AnnouncePicture(**told(content, MediaType.JPEG)), "purchasing")
    checker.send(ticket, content)
    sent = world.do(Upload, CompletePicture(upload=ticket.upload.id), "purchasing").image
    assert sent is not None
    made = world.do(Reference, CreateReference(code="PAL", designation="Palan", picture=sent.sha256), "purchasing")
    shown = world.do(ImageLink, ReadReferencePicture(reference=made.id), "sales")
    link = f"https://files.example/{image_key(world.company, sent.sha256)}"
    assert shown == ImageLink(image=sent, url=link)
    world.do(Reference, UpdateReference.model_validate({"reference": made.id, "picture": None}), if_match=1)
    assert world.do(ImageLink, ReadReferencePicture(reference=made.id)) == ImageLink()
    other = another_company(world)
    for who, picture in ((world, "0" * 64), (other, sent.sha256)):
        with pytest.raises(Refused) as refused:
            who.execute_as("manager", CreateReference(code="X", designation="X", picture=picture))
        assert [(b.code, b.pointer) for b in refused.value.breaches] == [("unknown_image", "/picture")]


def test_a_signature_takes_its_copy_from_the_base(desk: Desk, checker: Checker) -> None:
    """QUO-04, DOC-03: only one that was uploaded as a signed quote."""
    desk.world.services = replace(desk.world.services, renderer=desk.renderer)
    order, _ = desk.quoted("100.00")
    desk.world.services = replace(desk.world.services, renderer=checker)
    other, copy = take(checker, order.id, PDF), take(checker, order.id, PDF, kind="signed_quote")
    given: dict[str, Any] = {"order": order.id, "version": 1, "signed_on": "2026-11-21", "signatory": "J. Morvan"}
    error: DomainError = refusal(desk, SignQuote(**given, file=other.file))
    assert codes(error) == ["signed_copy_unknown"]
    signed = desk.world.do(QuoteView, SignQuote(**given, file=copy.file))
    assert signed.signature is not None
    assert signed.signature.file == copy.file
