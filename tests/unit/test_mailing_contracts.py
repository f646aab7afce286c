"""Mails that contracts send by themselves before they renew, each once, or left to their owner (CTR-05)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from comptoir.access.acting import by_itself
from comptoir.access.commands import SetTestMode, UpdateOperator
from comptoir.access.context import Context
from comptoir.access.items import OPERATOR
from comptoir.access.queries import Listing
from comptoir.contracts.items import ACTION, ContractAction
from comptoir.contracts.model import Contract
from comptoir.contracts.queries import ListContractActions
from comptoir.contracts.termination import TerminateContract
from comptoir.docbase.model import Owner
from comptoir.kernel.errors import NotFound, Refused
from comptoir.mailing import contract_mails
from comptoir.mailing.contract_mails import write_contract_mails
from comptoir.mailing.model import MailState, MailSummary
from comptoir.mailing.queries import ListMails
from comptoir.mailing.tasks import resume_mails
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Contact
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from functions.schedule.app import RESUMED
from tests.unit.contracts_support import YEAR, Agreements, open_agreements
from tests.unit.mailing_support import Outbox, Post
from tests.world import World

RENEWAL = date(2027, 12, 1)
AHEAD = date(2027, 11, 1)


class Box:
    """A firm with contracts, and its post."""

    def __init__(self, world: World) -> None:
        self.agreements: Agreements = open_agreements(world)
        self.owner, self.world = world.operators["sales"], world
        self.outbox = Outbox(world)
        world.services = replace(world.services, mailer=self.outbox)
        self.address("Katell Guen", "katell@client.example")

    @property
    def post(self) -> Post:
        return self.outbox.post

    def address(self, name: str, email: str | None) -> None:
        """Let the customer have this contact alone."""
        contact = Contact(name=name, email=email, phone=None if email else "+33 2 98 00 00 01")
        customer = self.agreements.customer
        version = self.world.services.store.backend.get([keys.party(self.world.company, customer.id)])
        [record] = version.values()
        changed = UpdateParty.model_validate({"party": customer.id, "contacts": [contact.model_dump(mode="json")]})
        self.world.execute_as("manager", changed, record.version)

    def conclude(self, reminder: dict[str, Any] | None = None, **fields: Any) -> Contract:
        """A yearly contract renewed tacitly that mails thirty days ahead."""
        mail = {"kind": "mail", "label": "Prévenir", "days_ahead": 30, "owner": self.owner, "automatic": True}
        told = {"duration": YEAR, "tacit_renewal": True, "period": YEAR, "billing": "arrears"}
        return self.agreements.conclude(**(told | {"reminders": [mail | (reminder or {})]} | fields))

    def clock(self) -> dict[str, int]:
        """What the schedule does every five minutes, as far as mails go."""
        return write_contract_mails(self.world.services) | resume_mails(self.world.services)

    def leave(self, operator: str) -> None:
        """Let an operator sign in no more."""
        place = keys.operator(self.world.company, operator)
        version = self.world.services.store.require(OPERATOR, place).version
        self.world.execute_as("administrator", UpdateOperator(operator=operator, active=False), version)

    def open_actions(self) -> list[ContractAction]:
        """What is left to somebody."""
        return list(self.world.do(Listing[ContractAction], ListContractActions()).items)


@pytest.fixture
def box(world: World) -> Box:
    return Box(world)


def test_ctr_05_a_mail_goes_to_the_contact_so_many_days_ahead_once(box: Box) -> None:
    contract = box.conclude()
    box.agreements.night(date(2027, 10, 31))
    assert box.clock()["contract_mails"] == 0
    box.agreements.night(AHEAD)
    assert box.clock() == {
        "contract_mails": 1,
        "contract_mails_left": 0,
        "mails_resumed": 1,
        "mails_uncertain": 0,
        "failed": 0,
    }
    box.agreements.night(date(2027, 11, 2))
    assert box.clock()["contract_mails"] == 0
    [(mail, _)] = box.post.taken
    assert (mail.owner, mail.owner_id, mail.to) == (Owner.CONTRACT, contract.id, ("katell@client.example",))
    assert box.post.last["Subject"] == f"Contrat {contract.number} : Maintenance"
    said = box.post.last.get_content().replace("\r\n", "\n")
    assert "Le contrat « Maintenance »" in said
    assert "sera reconduit le 01/12/2027." in said
    assert said.startswith("Bonjour Katell Guen,")
    assert box.post.last["Reply-To"] == mail.reply_to == "sales@ponant.example"
    assert mail.operator == box.owner
    assert box.open_actions() == []
    listed = box.world.do(Listing[MailSummary], ListMails(owner=Owner.CONTRACT, owned=contract.id)).items
    assert [each.state for each in listed] == [MailState.SENT]


def test_ctr_05_the_clock_that_runs_twice_at_once_writes_one_mail(box: Box) -> None:
    box.conclude()
    box.agreements.night(AHEAD)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: write_contract_mails(box.world.services), range(6)))
    resume_mails(box.world.services)
    assert len(box.post.taken) == 1


def test_ctr_05_a_run_that_found_the_mail_before_another_wrote_it_writes_none(box: Box) -> None:
    box.conclude()
    box.agreements.night(AHEAD)
    [action] = box.open_actions()
    ctx = by_itself(box.world.services, box.world.company)
    assert [contract_mails._write(ctx, action.id) for _ in range(2)] == [True, True]
    resume_mails(box.world.services)
    assert len(box.post.taken) == 1


def test_ctr_05_the_mail_of_who_has_left_is_left_to_somebody(box: Box) -> None:
    box.conclude()
    box.leave(box.owner)
    box.agreements.night(AHEAD)
    assert box.clock()["contract_mails_left"] == 1
    [action] = box.open_actions()
    assert action.left_because
    assert action.left_because.code == "unknown_operator"


def test_ctr_05_a_mail_that_cannot_be_written_keeps_no_other_waiting(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.conclude()
    box.conclude()
    box.agreements.night(AHEAD)
    write, broken = contract_mails._write, list[str]()

    def breaks_once(ctx: Context, identifier: str) -> bool:
        if not broken:
            broken.append(identifier)
            raise NotFound
        return write(ctx, identifier)

    monkeypatch.setattr(contract_mails, "_write", breaks_once)
    told = write_contract_mails(box.world.services)
    assert told == {"contract_mails": 1, "contract_mails_left": 0, "failed": 1}


def test_ctr_05_its_own_words_go_out_as_they_are(box: Box) -> None:
    box.conclude({"subject": "Votre abonnement", "message": "Cher client,\n\nÀ bientôt."}, language="de")
    box.agreements.night(AHEAD)
    box.clock()
    assert box.post.last["Subject"] == "Votre abonnement"
    assert box.post.last.get_content().startswith("Cher client,\r\n\r\nÀ bientôt.\r\n\r\n-- \r\n")


@pytest.mark.parametrize(
    ("fields", "reminder", "language", "said"),
    [
        ({}, {}, Language.ENGLISH, "will be renewed on 1 December 2027."),
        ({}, {}, Language.GERMAN, "verlängert sich am 01.12.2027."),
        ({"tacit_renewal": False}, {}, Language.FRENCH, "arrive à son terme le 30/11/2027."),
        ({"duration": None, "tacit_renewal": False}, {}, Language.SPANISH, "comienza el 01/12/2027."),
        ({"notice": {"count": 1}}, {"event": "notice", "days_ahead": 0}, Language.FRENCH, "jusqu'au 31/10/2027 inclus"),
        (
            {"notice": {"count": 1}, "tacit_renewal": False},
            {"event": "notice", "days_ahead": 0},
            Language.ENGLISH,
            "may be given until 31 October 2027 inclusive.\r\n",
        ),
    ],
)
def test_ctr_05_it_says_what_comes_in_the_language_of_the_contract(
    box: Box, fields: dict[str, Any], reminder: dict[str, Any], language: Language, said: str
) -> None:
    box.conclude(reminder, language=language.value, **fields)
    box.agreements.night(AHEAD)
    box.clock()
    assert said in box.post.last.get_content()


def test_ctr_05_what_cannot_be_sent_is_left_to_its_owner_with_the_reason(box: Box) -> None:
    box.conclude()
    box.address("Katell Guen", None)
    box.agreements.night(AHEAD)
    assert box.clock()["contract_mails_left"] == 1
    [action] = box.open_actions()
    assert action.left_because
    assert (action.left_because.code, action.automatic, box.post.taken) == ("no_recipient", False, [])
    assert box.clock()["contract_mails_left"] == 0


def test_ctr_05_a_contract_that_was_ended_meanwhile_tells_nothing_untrue(box: Box) -> None:
    contract = box.conclude()
    box.agreements.night(AHEAD)
    version = box.agreements.stored(contract).version
    ended = {"contract": contract.id, "last_day": "2027-11-30", "reason": "Cessation", "notified_on": "2027-11-01"}
    box.world.execute_as("manager", TerminateContract.model_validate(ended), version)
    assert box.clock()["contract_mails_left"] == 1
    [action] = box.open_actions()
    assert action.left_because
    assert action.left_because.code == "contract_changed"


def test_inv_11_in_test_mode_nothing_goes_out(box: Box) -> None:
    box.conclude()
    box.world.execute_as("administrator", SetTestMode(test_mode=True), 1)
    box.agreements.night(AHEAD)
    box.clock()
    assert box.post.taken == []
    assert [action.left_because and action.left_because.code for action in box.open_actions()] == [
        "company_in_test_mode"
    ]


def test_without_mail_it_waits_as_a_task(box: Box) -> None:
    box.conclude()
    box.world.services = replace(box.world.services, mailer=None)
    box.agreements.night(AHEAD)
    assert box.clock()["contract_mails"] == 0
    [action] = box.open_actions()
    stored = box.world.services.store.require(ACTION, keys.contract_action(box.world.company, action.id)).value
    assert stored.automatic


def test_only_a_mail_goes_out_by_itself(box: Box) -> None:
    with pytest.raises(Refused) as refusal:
        box.conclude({"kind": "call"})
    assert [(b.code, b.pointer) for b in refusal.value.breaches] == [("not_a_mail", "/reminders/0/automatic")]


def test_the_clock_drives_mails() -> None:
    """CTR-05, INV-12: what contracts send is written before what waits goes out."""
    assert RESUMED.index(write_contract_mails) < RESUMED.index(resume_mails)
