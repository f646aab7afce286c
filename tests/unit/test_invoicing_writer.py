"""functions/issue: batches in which one message fails, and chained commands handed over as they are (FIS-08)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from comptoir.access.commands import CreateOperator, OpenCompany, SaveProfile, UpdateCompany, UpdateOperator
from comptoir.access.execute import Request
from comptoir.access.items import COMPANY, PROFILES
from comptoir.access.model import Company, NumberFormat, Operator
from comptoir.access.permissions import Permission
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.model import Document
from comptoir.kernel.errors import DomainError, Reported, problem
from comptoir.ledger.events import ChainedEvents
from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.payments import ChainedPayments
from comptoir.runtime import adapters
from comptoir.runtime.adapters import LambdaWriter, SigningFailed
from comptoir.store import keys
from functions.issue.app import CHAINED, Writer
from tests.unit.invoicing_support import Shop, open_shop
from tests.unit.test_invoicing_unchangeable import COMMANDS
from tests.world import IDENTITY, TERMS, World, another_company, open_world


@dataclass
class Answers:
    """The workflows that wait; `lost` tokens cannot be reached."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def answer(self, token: str, outcome: dict[str, Any]) -> None:
        if token in self.lost:
            raise ConnectionError(token)
        self.told[token] = outcome

    def fail(self, token: str, code: str) -> None:
        if token in self.lost:
            raise ConnectionError(token)
        self.failed[token] = code


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def answers() -> Answers:
    return Answers()


def writer(shop: Shop, answers: Answers, signer: Any = None) -> Writer:
    return Writer(lambda: shop.world.services, lambda: signer or shop.world.signer, answers.answer, answers.fail)


def message(shop: Shop, document: Document, identifier: str) -> dict[str, Any]:
    request = shop.request(document).model_dump(mode="json")
    body = {"token": f"t-{identifier}", "company": shop.world.company, "request": request}
    return {"messageId": identifier, "body": json.dumps(body)}


def failures(result: Mapping[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def test_inv_02_a_message_that_cannot_be_read_goes_to_the_dead_letters_alone(shop: Shop, answers: Answers) -> None:
    good = [message(shop, shop.draft(), str(n)) for n in range(2)]
    token = json.loads(good[0]["body"])
    bad = [
        {"messageId": "no json", "body": "{"},
        {"messageId": "no token", "body": "{}"},
        {"messageId": "no object", "body": "[]"},
        {"messageId": "other fields", "body": json.dumps(token | {"request": {"document": 1}})},
    ]
    result = writer(shop, answers)({"Records": [bad[0], good[0], *bad[1:], good[1]]})
    assert failures(result) == ["no json", "no token", "no object", "other fields"]
    assert [answers.told[f"t-{n}"]["number"] for n in range(2)] == ["FA2026-000001", "FA2026-000002"]


def test_inv_02_a_faulty_document_is_handed_back_and_holds_up_nobody(
    shop: Shop, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [shop.draft() for _ in range(3)]
    breaking(monkeypatch, documents[1], ArithmeticError())
    records = [message(shop, document, str(n)) for n, document in enumerate(documents)]
    assert failures(writer(shop, answers)({"Records": records})) == []
    assert answers.failed == {"t-1": "ArithmeticError"}
    assert [outcome["number"] for outcome in answers.told.values()] == ["FA2026-000001", "FA2026-000002"]


@pytest.mark.parametrize("error", [RuntimeError("transaction refused"), ConnectionError()])
def test_inv_02_what_may_pass_stays_in_the_queue(
    shop: Shop, answers: Answers, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    documents = [shop.draft() for _ in range(3)]
    breaking(monkeypatch, documents[1], error)
    records = [message(shop, document, str(n)) for n, document in enumerate(documents)]
    assert failures(writer(shop, answers)({"Records": records})) == ["1"]
    monkeypatch.undo()
    assert failures(writer(shop, answers)({"Records": records[1:2]})) == []
    assert answers.told["t-1"]["number"] == "FA2026-000003"
    assert shop.verdict().intact


def breaking(patch: pytest.MonkeyPatch, document: Document, error: Exception) -> None:
    """Have this document break every block that it is in, once it is judged."""

    def frozen(sources: Any, *rest: Any) -> Any:
        if sources.document.id == document.id:
            raise error
        return snapshot(sources, *rest)

    patch.setattr("comptoir.invoicing.issue.snapshot", frozen)


def test_inv_02_an_answer_that_is_lost_brings_its_message_back(shop: Shop, answers: Answers) -> None:
    records = [message(shop, shop.draft(), str(n)) for n in range(3)]
    answers.lost = {"t-1"}
    assert failures(writer(shop, answers)({"Records": records})) == ["1"]
    answers.lost.clear()
    assert failures(writer(shop, answers)({"Records": records[1:2]})) == []
    assert answers.told["t-1"]["number"] == "FA2026-000002"
    assert len(shop.entries()) == 3


def test_inv_02_companies_of_one_batch_do_not_meet(shop: Shop, answers: Answers) -> None:
    other = open_shop(another_company(shop.world))
    records = [message(one, one.draft(), str(n)) for n, one in enumerate((shop, other, shop, other))]
    assert failures(writer(shop, answers)({"Records": records})) == []
    assert [answers.told[f"t-{n}"]["number"][-1] for n in range(4)] == ["1", "1", "2", "2"]


class NoKey:
    """A key out of reach."""

    key_id = "gone"

    def sign(self, digest: bytes) -> bytes:
        raise SigningFailed()


def test_fis_01_without_the_key_every_message_stays(shop: Shop, answers: Answers) -> None:
    records = [message(shop, shop.draft(), str(n)) for n in range(3)]
    assert failures(writer(shop, answers, NoKey())({"Records": records})) == ["0", "1", "2"]
    assert (answers.told, answers.failed, shop.entries()) == ({}, {}, [])


class Lambda:
    """The Lambda client: invokes the writer through JSON, and reports what breaks as Lambda does."""

    def __init__(self, world: World, signer: Any = None) -> None:
        chains = signer or world.signer
        services = replace(world.services, events=ChainedEvents(chains), payments=ChainedPayments(chains))
        self._writer = Writer(lambda: services, lambda: world.signer, Answers().answer)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        """Run the function."""
        assert FunctionName == "writer"
        try:
            return {"Payload": io.BytesIO(json.dumps(self._writer(json.loads(Payload))).encode())}
        except Exception as error:
            told = json.dumps({"errorType": type(error).__name__}).encode()
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(told)}


@pytest.fixture
def remote(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The API's world: what is chained goes to the writer function."""
    return hand_over(world, monkeypatch)


def hand_over(world: World, patch: pytest.MonkeyPatch, signer: Any = None) -> World:
    patch.setattr(adapters, "invoke", partial(adapters.invoke, clients=lambda service: Lambda(world, signer)))
    return replace(world, services=replace(world.services, events=None, payments=None, writer=LambdaWriter("writer")))


def test_fis_08_every_chained_command_can_be_handed_over() -> None:
    assert set(CHAINED.values()) == {kind for kind in COMMANDS if kind.chained}


def test_fis_08_a_chained_command_runs_in_the_writer_and_answers_as_here(remote: World) -> None:
    request = CreateOperator(email="yann@ponant.example", name="Yann Kerbrat", profile="sales")
    first = remote.execute_as("administrator", request, idempotency_key="k")
    again = remote.execute_as("administrator", request, idempotency_key="k")
    assert (first.status, first.version) == (201, 1)
    assert Operator.model_validate_json(first.body).name == "Yann Kerbrat"
    assert (again.body, again.status) == (first.body, 201)
    head = remote.services.store.require(HEAD, keys.chain_head(remote.company, ChainName.EVENTS)).value
    assert head.key_id == remote.signer.key_id
    changed = UpdateOperator(operator=Operator.model_validate_json(first.body).id, profile="logistics")
    after = remote.do(Operator, changed, "administrator", if_match=1)
    assert (after.profile, after.name) == ("logistics", "Yann Kerbrat"), "what was not sent stays on its way there too"


PROBLEMS: dict[str, tuple[str, Request, dict[str, Any]]] = {
    "forbidden": ("manager", SaveProfile(code="night", name="Nuit", permissions=()), {"if_match": 1}),
    "precondition_required": ("administrator", SaveProfile(code="night", name="Nuit", permissions=()), {}),
    "version_mismatch": (
        "administrator",
        SaveProfile(code="night", name="Nuit", permissions=(Permission.READ_ORDERS,)),
        {"if_match": 7},
    ),
    "rules_broken": (
        "administrator",
        CreateOperator(email="z@ponant.example", name="Z", profile="nobody", manager="0" * 26),
        {},
    ),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_fis_08_a_refusal_is_raised_again_as_it_was(world: World, remote: World, code: str) -> None:
    profile, request, headers = PROBLEMS[code]
    with pytest.raises(DomainError) as here:
        world.execute_as(profile, request, **headers)
    with pytest.raises(Reported) as there:
        remote.execute_as(profile, request, **headers)
    assert here.value.code == code
    assert problem(there.value) == problem(here.value)


def test_fis_08_a_key_out_of_reach_is_told_and_nothing_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = hand_over(world, monkeypatch, NoKey())
    with pytest.raises(Reported) as caught:
        remote.execute_as("administrator", UpdateCompany(numbering=NumberFormat(digits=4)), 1)
    assert (caught.value.status, caught.value.code) == (503, "signing_failed")
    assert world.services.store.require(COMPANY, keys.company(world.company)).version == 1


def test_fis_08_what_breaks_there_is_no_refusal(remote: World) -> None:
    with pytest.raises(RuntimeError, match="writer failed"):
        adapters.invoke("writer", {"command": "DeleteEverything"})


def opening(company: str, administrator: str) -> dict[str, Any]:
    return OpenCompany(
        company=company,
        identity=IDENTITY,
        terms=TERMS,
        administrator=administrator,
        administrator_email="anne@ponant.example",
        administrator_name="Anne Le Goff",
    ).model_dump(mode="json")


def test_fis_08_opening_a_company_again_changes_nothing(remote: World) -> None:
    store, administrator = remote.services.store, remote.operators["administrator"]
    before = store.require(HEAD, keys.chain_head(remote.company, ChainName.EVENTS))
    for _ in range(2):
        told = adapters.invoke("writer", {"open_company": opening(remote.company, administrator)})
        assert Company.model_validate(told).id == remote.company
    assert store.require(HEAD, keys.chain_head(remote.company, ChainName.EVENTS)) == before
    with pytest.raises(Reported) as caught:
        adapters.invoke("writer", {"open_company": opening(remote.company, remote.operators["sales"][::-1])})
    assert caught.value.status == 409


def test_fis_08_a_company_is_opened_with_its_profiles_and_its_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    world = hand_over(open_world(), monkeypatch)
    company, administrator = "1" * 26, "2" * 26
    adapters.invoke("writer", {"open_company": opening(company, administrator)})
    profiles = world.services.store.require(PROFILES, keys.profiles(company)).value
    assert profiles.find("administrator") is not None
    events = world.services.store.require(HEAD, keys.chain_head(company, ChainName.EVENTS)).value
    assert events.sequence == 1
