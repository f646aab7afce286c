"""What a night of renewals came to is told each company by mail, once (CTR-04)."""

from __future__ import annotations

from datetime import date

import pytest

from comptoir.access.commands import CreateOperator
from comptoir.access.queries import Listing
from comptoir.contracts.commands import SavePriceIndex
from comptoir.mailing.model import MailState, MailSummary, MailView
from comptoir.mailing.queries import ListMails, ReadMail
from comptoir.mailing.renewal_report import report_nights
from comptoir.mailing.tasks import resume_mails
from tests.unit.contracts_support import YEAR
from tests.unit.test_mailing_contracts import Box
from tests.world import World


@pytest.fixture
def box(world: World) -> Box:
    return Box(world)


def test_ctr_04_a_night_is_told_who_may_edit_contracts_once(box: Box) -> None:
    """Drafts to check, and what could not be renewed with the reason in words."""
    first = box.agreements.conclude(name="Entretien")
    box.world.execute_as("manager", SavePriceIndex(price_index="syntec", name="Syntec", values=()), 0)
    indexed = {"indexation": {"index": "syntec", "base": "300"}, "start": "2025-12-01", "period": YEAR}
    broken = box.agreements.conclude(name="Indexé", **indexed)
    assert report_nights(box.world.services) == {"reports": 0}
    box.agreements.night(date(2026, 12, 1))
    assert report_nights(box.world.services) == {"reports": 1}
    assert report_nights(box.world.services) == {"reports": 0}
    resume_mails(box.world.services)
    [(mail, _)] = box.post.taken
    assert set(mail.to) == {f"{profile}@ponant.example" for profile in ("administrator", "manager", "sales")}
    assert mail.subject == "Contrats du 01/12/2026 : 2 période(s) facturée(s) en brouillon, 1 contrat(s) à reprendre"
    assert f"{first.number} Entretien" in mail.message
    assert "du 01/12/2026 au 31/12/2026, 100.00 EUR HT" in mail.message
    assert f"{broken.number} Indexé" in mail.message
    assert "syntec" in mail.message
    listed = box.world.do(Listing[MailSummary], ListMails(month="2026-12")).items
    assert [(each.owner, each.state) for each in listed] == [(None, MailState.SENT)]


def test_ctr_04_what_an_operator_renews_by_hand_is_no_news_of_the_night(box: Box) -> None:
    contract = box.agreements.conclude(start="2026-11-01")
    box.agreements.renew(contract)
    assert report_nights(box.world.services) == {"reports": 0}


def test_ctr_04_a_large_night_is_told_in_one_short_mail(box: Box) -> None:
    for number in range(25):
        box.agreements.conclude(name=f"Contrat {'x' * 150} {number}")
    box.agreements.night(date(2026, 12, 1))
    report_nights(box.world.services)
    resume_mails(box.world.services)
    [(mail, _)] = box.post.taken
    assert "25 période(s)" in mail.subject
    assert "… et 5 autre(s)" in mail.message


def test_ctr_04_long_failures_leave_room_for_the_drafts(box: Box) -> None:
    box.world.execute_as("manager", SavePriceIndex(price_index="syntec", name="Syntec", values=()), 0)
    indexed = {"indexation": {"index": "syntec", "base": "300"}, "start": "2025-12-01", "period": YEAR}
    for number in range(20):
        box.agreements.conclude(name=f"Indexé {number} {'x' * 100}", **indexed)
    box.agreements.conclude(name="Entretien")
    box.agreements.night(date(2026, 12, 1))
    assert report_nights(box.world.services) == {"reports": 1}
    [listed] = box.world.do(Listing[MailSummary], ListMails(month="2026-12")).items
    message = box.world.do(MailView, ReadMail(mail=listed.id)).message
    failed, drafts = message.split("\n\nBrouillons à vérifier, puis à valider :\n")
    assert failed.count("Indexé") == 20
    assert "autre(s)" not in failed
    assert drafts.endswith("… et 1 autre(s)")


@pytest.mark.parametrize("more", [0, 12])
def test_ctr_04_only_who_signs_in_and_can_be_written_to_is_told(box: Box, more: int) -> None:
    """Ten at most, as many as a mail takes."""
    for email in ("été@x.example", *(f"o{number}@x.example" for number in range(more))):
        box.world.execute_as("administrator", CreateOperator(email=email, name="O", profile="sales"))
    box.leave(box.owner)
    box.agreements.conclude(name="Entretien")
    box.agreements.night(date(2026, 12, 1))
    report_nights(box.world.services)
    resume_mails(box.world.services)
    [(mail, _)] = box.post.taken
    assert len(mail.to) == (10 if more else 2)
    assert more or set(mail.to) == {"administrator@ponant.example", "manager@ponant.example"}
