"""What must hold of a contract before it is kept (CTR-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from comptoir.access.context import Context
from comptoir.access.custom import Subject, custom_breaches, customisation
from comptoir.access.items import OPERATOR
from comptoir.catalogue.items import REFERENCE
from comptoir.catalogue.model import Reference
from comptoir.catalogue.prices import price_for, special_prices
from comptoir.contracts.items import PRICE_INDEX
from comptoir.contracts.model import (
    ActionKind,
    Contract,
    ContractFields,
    ContractLine,
    ContractLineInput,
    ContractTerms,
    Reminder,
    Side,
)
from comptoir.docbase.templates import unknown_template
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.parties.model import Party, VatTreatment
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_HUNDRED = 100


def breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    """A breach of a rule on contracts."""
    return Breach(code=code, fr=fr, en=en, pointer=pointer)


def term_breaches(terms: ContractTerms) -> list[Breach]:
    """Everything that does not hold together in the dates and spans of a contract."""
    found = []
    if terms.duration and terms.end:
        fr, en = "Une durée ou une date de fin, pas les deux.", "A duration or an end, not both."
        found.append(breach("duration_or_end", fr, en, "/end"))
    if terms.end and terms.end < terms.start:
        found.append(breach("ends_before_start", "La fin précède le début.", "It ends before it begins.", "/end"))
    if terms.tacit_renewal and not (terms.duration or (terms.end and terms.renewal)):
        fr = "La tacite reconduction demande une durée, ou une fin et une durée de reconduction."
        en = "Tacit renewal needs a duration, or an end and a length of renewal."
        found.append(breach("renewal_without_term", fr, en, "/tacit_renewal"))
    if terms.period.months == 0:
        fr, en = "Une période se compte en mois, trimestres ou années.", "A period is in months, quarters or years."
        found.append(breach("period_in_days", fr, en, "/period/unit"))
    if terms.anchor and abs((terms.anchor - terms.start).days) > _FARTHEST:
        fr, en = "L'ancre est trop loin du début du contrat.", "The anchor is too far from the contract's start."
        found.append(breach("anchor_too_far", fr, en, "/anchor"))
    return found


_FARTHEST = 1200 * 31


def head_breaches(tx: Transaction, ctx: Context, entered: ContractFields, known: Mapping[str, str]) -> list[Breach]:
    """Everything that is wrong with what is entered of a contract, its lines apart."""
    found = [*term_breaches(entered), *unknown_template(tx, ctx.company, entered.template)]
    found += custom_breaches(customisation(tx, ctx.company), Subject.CONTRACT, entered.custom, entered.tags, known)
    if entered.terms and sum(term.percentage for term in entered.terms) != _HUNDRED:
        fr, en = "Les conditions de règlement ne font pas 100 %.", "The payment terms are not 100 %."
        found.append(breach("terms_not_whole", fr, en, "/terms"))
    indexation = entered.indexation
    if indexation and indexation.index and tx.get(PRICE_INDEX, keys.price_index(ctx.company, indexation.index)) is None:
        found.append(breach("unknown_index", "Indice inconnu.", "Unknown index.", "/indexation/index"))
    for number, reminder in enumerate(entered.reminders):
        owner = tx.get(OPERATOR, keys.operator(ctx.company, reminder.owner))
        if owner is None or not owner.active:
            at = f"/reminders/{number}/owner"
            found.append(breach("unknown_operator", "Opérateur inconnu.", "Unknown operator.", at))
        if reminder.automatic and reminder.kind is not ActionKind.MAIL:
            fr, en = "Seul un courriel part de lui-même.", "Only a mail goes out by itself."
            found.append(breach("not_a_mail", fr, en, f"/reminders/{number}/automatic"))
    return found


def lines_of(
    tx: Transaction,
    ctx: Context,
    party: Party,
    side: Side,
    currency: str,
    entered: Sequence[ContractLineInput],
    before: Sequence[ContractLine] = (),
) -> tuple[ContractLine, ...]:
    """The lines of a contract, with what the catalogue gives where they tell nothing. Errors: `Refused`."""
    named = [line.reference for line in entered if line.reference]
    references = tx.several(REFERENCE, {each: keys.reference(ctx.company, each) for each in named})
    prices = special_prices(tx, ctx.company, references, party)
    ids, found, made = {line.id for line in before}, [], []
    for number, line in enumerate(entered):
        at = f"/lines/{number}"
        reference = references.get(line.reference) if line.reference else None
        if line.reference and reference is None:
            found.append(breach("unknown_reference", "Référence inconnue.", "Unknown reference.", f"{at}/reference"))
            continue
        if line.id and line.id not in ids:
            found.append(
                breach("unknown_line", "Ligne inconnue de ce contrat.", "Not a line of this contract.", f"{at}/id")
            )
            continue
        fields = line.model_dump(exclude_none=True) | {"id": line.id or ctx.new_id()}
        if reference:
            quoted = price_for(reference, party, line.quantity, ctx.today, prices.get(reference.id, ()))
            sold = quoted if side is Side.CUSTOMER and quoted and quoted.currency == currency else None
            fields = _proposed(reference, party, side) | ({"unit_price": sold.price} if sold else {}) | fields
        found += [
            breach("required", "Champ obligatoire.", "This field is required.", f"{at}/{name}")
            for name in ("designation", "unit_price")
            if fields.get(name) is None and not (name == "unit_price" and line.free)
        ]
        if not found:
            made.append(ContractLine.model_validate(fields))
    refuse_if(found)
    return tuple(made)


def _proposed(reference: Reference, party: Party, side: Side) -> dict[str, object]:
    """What a line takes from its reference, in the party's language; a sale that is not domestic has its own VAT."""
    domestic = party.vat_treatment is VatTreatment.DOMESTIC
    own = {
        "code": reference.code,
        "designation": reference.worded(party.language),
        "kind": reference.kind,
        "unit": reference.unit,
        "vat_rate": reference.vat_rate if domestic else None,
        "account": reference.sale_account if side is Side.CUSTOMER else reference.purchase_account,
    }
    return {name: value for name, value in own.items() if value is not None}


def reminders_of(ctx: Context, entered: ContractFields, before: Contract | None = None) -> tuple[Reminder, ...]:
    """The reminders of a contract; those it had keep their identifier. Errors: `Refused`."""
    known = {each.id for each in before.reminders} if before else set()
    refuse_if(
        [
            breach("unknown_reminder", "Rappel inconnu.", "Unknown reminder.", f"/reminders/{number}/id")
            for number, each in enumerate(entered.reminders)
            if each.id and each.id not in known
        ]
    )
    return tuple(
        Reminder.model_validate(each.model_dump() | {"id": each.id or ctx.new_id()}) for each in entered.reminders
    )


def change_breaches(before: Contract, entered: ContractFields) -> list[Breach]:
    """What of a contract is fixed: its calendar once a period of it was billed, all of it once it was ended."""
    if before.billed_until is None:
        return []
    fixed = ("start", "anchor", "period", "billing")
    fr, en = "Des périodes sont déjà facturées : le calendrier est fixé.", "Periods are billed: the calendar is fixed."
    return [
        breach("calendar_fixed", fr, en, f"/{name}")
        for name in fixed
        if getattr(before, name) != getattr(entered, name)
    ]


def last_day_breaches(before: Contract, last: date | None) -> list[Breach]:
    """A change may not end a contract before what was billed of it: that is a termination (CTR-06)."""
    if last and before.billed_until and last < before.billed_until:
        fr = "Le contrat finirait avant la dernière période facturée : résiliez-le."
        en = "The contract would end before the last period that was billed: terminate it."
        return [breach("ends_before_billed", fr, en, "/end")]
    return []
