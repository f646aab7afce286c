"""FIS-08: each change of the configuration is a signed technical event, in the transaction of what it records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from comptoir.access.execute import Request
from comptoir.access.queries import ReadCompany
from comptoir.banking.accounts import ChangeBankAccount, OpenBankAccount, OwnAccountView, ReadBankAccount
from comptoir.docbase.template import Look
from comptoir.docbase.templates import ChooseTemplate, ImportTemplate, SaveTemplate
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName
from comptoir.orders.agenda import Formality, Role, When
from comptoir.orders.formalities import SaveFormalities
from comptoir.orders.milestones import SHIPPED, MilestoneFields, SaveMilestones
from comptoir.store import keys
from comptoir.treasury.model import CONFIRMATION
from tests.world import World

LOOK = Look(accent="#123456")
OWN = MilestoneFields(code="inspection", label="Inspection")
BOOKING = Formality(code="booking", label="Réserver", when=When(milestone=CONFIRMATION), role=Role.LOGISTICS)
CHANGES: dict[str, tuple[Callable[[], Request], str, bool]] = {
    "a template": (lambda: SaveTemplate(template="maison", name="Maison", look=LOOK), "template_saved", True),
    "an imported template": (lambda: ImportTemplate(template="recu", name="Reçu"), "template_saved", False),
    "the default template": (lambda: ChooseTemplate(template="marine"), "template_chosen", False),
    "milestones": (lambda: SaveMilestones(milestones=(*SHIPPED.milestones, OWN)), "milestones_saved", True),
    "formalities": (lambda: SaveFormalities(formalities=(BOOKING,)), "formalities_saved", True),
}


def events(world: World) -> list[TechnicalEvent]:
    store, company, chain = world.services.store, world.company, ChainName.EVENTS
    last = store.require(HEAD, keys.chain_head(company, chain)).value.sequence
    entries = [store.require(ENTRY, keys.chain_entry(company, chain, n)).value for n in range(1, last + 1)]
    return [TechnicalEvent.model_validate_json(entry.payload) for entry in entries]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_chained_with_all_that_it_sets(world: World, name: str) -> None:
    make, event, guarded = CHANGES[name]
    before = len(events(world))
    reply = world.execute_as("administrator", make(), 0 if guarded else None)
    [told] = events(world)[before:]
    assert (told.event, told.operator) == (event, world.operators["administrator"])
    assert told.content
    if guarded or name == "the default template":
        world.execute_as("administrator", make(), reply.version if guarded else None)
        assert len(events(world)) == before + 1, "what changes nothing is no event"


@pytest.mark.parametrize("name", CHANGES)
def test_without_the_right_to_sign_nothing_changes(world: World, name: str) -> None:
    make, _, guarded = CHANGES[name]
    stored = dict(world.services.store.backend._items)  # type: ignore[attr-defined]
    world.services = replace(world.services, events=None)
    with pytest.raises(RuntimeError):
        world.execute_as("administrator", make(), 0 if guarded else None)
    assert world.services.store.backend._items == stored  # type: ignore[attr-defined]


def test_a_bank_account_and_what_was_agreed_with_its_bank_are_chained(world: World) -> None:
    """What is paid from where, and in which files, is configuration."""
    iban = json.loads(world.execute_as("administrator", ReadCompany()).body)["identity"]["bank_accounts"][0]["iban"]
    opened = world.do(OwnAccountView, OpenBankAccount(iban=iban, label="Courant"), "administrator")
    for label in ("Compte courant", "Compte courant"):
        change = ChangeBankAccount.model_validate({"account": opened.id, "label": label})
        version = world.execute_as("administrator", ReadBankAccount(account=opened.id)).version
        world.execute_as("administrator", change, version)
    told = [event for event in events(world) if event.event.startswith("bank_account_")]
    assert [event.event for event in told] == ["bank_account_opened", "bank_account_changed"]
    assert [event.content["label"] for event in told] == ["Courant", "Compte courant"]
    assert told[0].content["account"]["iban"] == iban
