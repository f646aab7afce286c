"""Mails that contracts send by themselves before they renew, each once (CTR-05)."""

from __future__ import annotations

from comptoir.access.acting import by_itself
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.access.items import COMPANY, OPERATOR
from comptoir.access.model import Company, Operator
from comptoir.contracts.items import ACTION, AUTOMATIC, CONTRACT, ContractAction
from comptoir.contracts.model import Contract
from comptoir.contracts.periods import event_day
from comptoir.docbase.model import Owner
from comptoir.kernel.errors import Breach, DomainError
from comptoir.kernel.ids import Id
from comptoir.mailing.contract_words import sentence_of, subject_of
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import Mail, MailFields, MailState
from comptoir.mailing.proposing import addressee, addresses, letter
from comptoir.mailing.rules import IN_TEST_MODE, mail_breaches
from comptoir.mailing.texts import TextUse, texts_of
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.sides import seller
from comptoir.store import keys
from comptoir.store.transaction import Transaction


def write_contract_mails(services: Services) -> dict[str, int]:
    """Write every mail that a contract is to send by itself, for the schedule; it goes out with all others.

    One that cannot be sent is left to its owner, with the reason.
    """
    counts = {"contract_mails": 0, "contract_mails_left": 0, "failed": 0}
    if services.mailer is None:
        return counts
    for found in services.store.due(AUTOMATIC, 3):
        try:
            action = services.store.require(ACTION, found.key).value
            written = _write(by_itself(services, found.key.company), action.id)
            counts["contract_mails" if written else "contract_mails_left"] += 1
        except DomainError:
            # One whose contract or party is not there keeps no other waiting.
            counts["failed"] += 1
    return counts


def _write(ctx: Context, identifier: Id) -> bool:
    """The mail of an action, which it does, in one transaction; False when it is left to its owner."""
    key = keys.contract_action(ctx.company, identifier)

    def work(tx: Transaction) -> bool:
        action = tx.require(ACTION, key)
        if action.done_on or not action.automatic:
            return action.mail is not None
        contract = tx.require(CONTRACT, keys.contract(ctx.company, action.contract))
        party = tx.require(PARTY, keys.party(ctx.company, action.party))
        owner = tx.get(OPERATOR, keys.operator(ctx.company, action.owner))
        company = tx.require(COMPANY, keys.company(ctx.company))
        reason = _left_because(contract, action, party, owner, company)
        if owner is None or reason:
            save(tx, ctx, ACTION, key, action.change(automatic=False, left_because=reason), "left_to_owner")
            return False
        mail = _mail(tx, ctx, contract, action, party, owner, company)
        save(tx, ctx, MAIL, keys.mail(ctx.company, mail.id), mail, "written")
        done = action.change(done_on=ctx.today, done_by=ctx.operator.name, automatic=False, mail=mail.id)
        save(tx, ctx, ACTION, key, done, "mailed")
        return True

    return ctx.services.store.transact(work, [key])


def _left_because(
    contract: Contract, action: ContractAction, party: Party, owner: Operator | None, company: Company
) -> Breach | None:
    """Why a mail is left to its owner: the first thing that somebody has to mend or to decide."""
    if event_day(contract, action.event) != action.event_day:
        fr, en = "Le contrat a changé depuis ce rappel.", "The contract has changed since this reminder."
        return Breach(code="contract_changed", fr=fr, en=en, link=f"/contracts/{contract.id}")
    if owner is None or not owner.active:
        fr, en = "L'opérateur du rappel n'est plus actif.", "The reminder's operator is no longer active."
        return Breach(code="unknown_operator", fr=fr, en=en, link=f"/contracts/{contract.id}")
    if company.test_mode:
        return IN_TEST_MODE
    return next(iter(mail_breaches(MailFields(to=addresses(addressee(party, None))[:1]), (), party.id)), None)


def _mail(
    tx: Transaction,
    ctx: Context,
    contract: Contract,
    action: ContractAction,
    party: Party,
    owner: Operator,
    company: Company,
) -> Mail:
    language = contract.language or party.language
    own, contact = seller(company, language), addressee(party, None)
    text = texts_of(tx, ctx.company).find(TextUse.CONTRACT, language)
    message = letter(sentence_of(contract, action, text, language), owner.name, own, contact, language)
    return Mail(
        id=ctx.new_id(),
        owner=Owner.CONTRACT,
        owner_id=contract.id,
        party=party.id,
        language=language,
        sender=company.identity.name,
        reply_to=owner.email,
        to=addresses(contact)[:1],
        subject=action.subject or subject_of(contract, text, language),
        message=action.message or message,
        footer=own.legal_line,
        operator=owner.id,
        author=owner.name,
        created_at=ctx.now,
        state=MailState.QUEUED,
        attachments=(),
    )
