"""The mail that a document would go out with, whatever the document is (SUP-01, INV-12)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.access.acting import by_itself
from comptoir.docbase.items import FILED
from comptoir.docbase.model import FileKind, Owner
from comptoir.mailing.model import MailProposal
from comptoir.mailing.proposing import attached_of, propose
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from tests.unit.mailing_support import PostRoom, open_post_room
from tests.world import World


@pytest.fixture
def room(world: World) -> PostRoom:
    return open_post_room(world)


def proposed(room: PostRoom, **fields: Any) -> MailProposal:
    """The mail of an order's quote that had these fields."""
    order, _ = room.trade.quoted()
    company, quote = room.world.company, room.filed(order, FileKind.QUOTE)
    filed = room.services.store.require(FILED, keys.filed(company, Owner.ORDER, order.id, quote.id)).value
    tx = Transaction(room.services.store.backend)
    return propose(tx, by_itself(room.services, company), filed.change(**fields))


def test_sup_01_a_mail_is_in_the_language_of_its_document(room: PostRoom) -> None:
    """The customer is French; what was made in German is mailed in German."""
    mail = proposed(room, language=Language.GERMAN, number="D-1")
    assert (mail.language, mail.subject) == (Language.GERMAN, "Angebot D-1 — COMPTOIR DU PONANT")


def test_sup_01_what_has_no_number_is_called_by_its_title(room: PostRoom) -> None:
    mail = proposed(room, number=None, title="Offre spéciale", language=Language.FRENCH)
    assert mail.subject == "Offre spéciale — COMPTOIR DU PONANT"


def test_sup_01_however_long_its_title_a_document_is_mailed(room: PostRoom) -> None:
    mail = proposed(room, number=None, title="x" * 200)
    assert mail.subject == "x" * 200


def test_a_document_has_a_name_that_any_system_takes(room: PostRoom) -> None:
    order, _ = room.trade.quoted()
    company, quote = room.world.company, room.filed(order, FileKind.QUOTE)
    filed = room.services.store.require(FILED, keys.filed(company, Owner.ORDER, order.id, quote.id)).value
    assert attached_of(filed.change(number=None, title='a/b\\c:"d"?')).filename == "a-b-c--d--.pdf"
    assert len(attached_of(filed.change(number=None, title="x" * 200)).filename) == 124
