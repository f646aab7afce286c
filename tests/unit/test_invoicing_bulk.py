"""INV-02, CRN-06: many drafts validated at once, each with its own outcome, safe to ask for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.commands import SaveProfile
from comptoir.access.items import PROFILES
from comptoir.access.permissions import Permission
from comptoir.invoicing.bulk import (
    MOST,
    BulkState,
    BulkView,
    ContinueValidations,
    DraftToValidate,
    ReadValidations,
    ValidateDrafts,
)
from comptoir.invoicing.issue import issue
from comptoir.invoicing.model import Document
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.tasks import check_document
from comptoir.kernel.errors import Forbidden
from comptoir.store import keys
from tests.unit.invoicing_support import Shop, drafts, line, open_shop
from tests.world import World


@dataclass
class Runs:
    """Workflows that are started, and end when they are told to; a name that goes on is one run."""

    world: World
    going: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        assert machine == "validation"
        self.started.append(name)
        self.going.setdefault(name, payload)

    def end(self) -> None:
        """Check and issue what goes on; PDFs are left to be made."""
        services = self.world.services
        for payload in self.going.values():
            if check_document(services, payload)["outcome"] == "ready":
                issue(
                    services, self.world.signer, payload["company"], [IssueRequest.model_validate(payload["request"])]
                )
        self.going.clear()


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def runs(shop: Shop) -> Runs:
    found = Runs(shop.world)
    shop.world.services = replace(shop.world.services, workflows=found)
    return found


def asked(*documents: Document, **fields: Any) -> ValidateDrafts:
    return ValidateDrafts(documents=tuple(DraftToValidate(document=each.id) for each in documents), **fields)


def states(view: BulkView) -> list[str]:
    return [each.state.value for each in view.outcomes]


def test_each_draft_has_its_own_outcome(shop: Shop, runs: Runs) -> None:
    """One lacks the reason of its zero rate: the others are numbered all the same."""
    good, bad, other = shop.draft(), shop.draft(line(rate="0")), shop.draft()
    bulk = shop.world.do(BulkView, asked(good, bad, other))
    assert (states(bulk), len(runs.started)) == (["waiting"] * 3, 3)
    runs.end()
    told = shop.world.do(BulkView, ReadValidations(bulk_validation=bulk.id), "accountant")
    assert states(told) == ["numbered", "refused", "numbered"]
    assert [breach.code for breach in told.outcomes[1].breaches] == ["zero_vat_without_reason"]
    assert told.counts == {BulkState.WAITING: 0, BulkState.NUMBERED: 2, BulkState.DONE: 0, BulkState.REFUSED: 1}
    assert [each.number for each in told.outcomes] == ["FA2026-000001", None, "FA2026-000002"]


def test_asked_again_it_goes_on_and_numbers_nothing_twice(shop: Shop, runs: Runs) -> None:
    """A stop between the drafts, the same request sent again, and what is asked to go on."""
    made = drafts(shop, 20)
    request, key = asked(*made), "bulk-1"
    bulk = shop.world.do(BulkView, request, idempotency_key=key)
    runs.end()
    again = shop.world.do(BulkView, request, idempotency_key=key)
    assert again.id == bulk.id
    assert set(states(again)) == {"numbered"}
    shop.world.do(BulkView, ContinueValidations(bulk_validation=bulk.id))
    runs.end()
    assert sorted(shop.numbers()) == [f"FA2026-{number:06d}" for number in range(1, 21)]
    assert shop.verdict().intact


def test_what_cannot_be_asked_for_is_named_and_nothing_is_started(shop: Shop, runs: Runs) -> None:
    draft = shop.draft()
    stale = DraftToValidate(document=draft.id, version=shop.version(draft) + 1)
    unknown = DraftToValidate(document="0" * 26)
    request = ValidateDrafts(documents=(stale, unknown, DraftToValidate(document=draft.id)))
    found = shop.refused(request)
    assert found == ["version_mismatch", "unknown_document", "duplicate_document"]
    assert runs.started == []


def test_who_may_validate_invoices_alone_validates_no_credit_note(shop: Shop, runs: Runs) -> None:
    """CRN-05, ACC-03: an assistant validates nothing, and credit notes need the right to cancel."""
    with pytest.raises(Forbidden):
        shop.world.execute_as("assistant", asked(shop.draft()))
    invoice = shop.invoice()
    note = shop.credit(invoice)
    profiles = shop.world.services.store.require(PROFILES, keys.profiles(shop.world.company))
    granted = (Permission.READ_INVOICES, Permission.VALIDATE_INVOICE)
    request = SaveProfile(code="logistics", name="Logistique", permissions=granted)
    shop.world.execute_as("administrator", request, if_match=profiles.version)
    assert shop.refused(asked(note), "logistics") == ["forbidden"]
    bulk = shop.world.do(BulkView, asked(note))
    runs.end()
    assert states(shop.world.do(BulkView, ReadValidations(bulk_validation=bulk.id))) == ["numbered"]


def test_a_request_holds_so_many_drafts() -> None:
    one = DraftToValidate(document="0" * 26)
    with pytest.raises(ValidationError):
        ValidateDrafts(documents=())
    with pytest.raises(ValidationError):
        ValidateDrafts(documents=(one,) * (MOST + 1))
