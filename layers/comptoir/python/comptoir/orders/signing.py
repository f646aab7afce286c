"""Quotes signed by hand, and what then needs an amendment (QUO-04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import difference, record
from comptoir.catalogue.pricing import PricedLine
from comptoir.docbase.items import FILED
from comptoir.docbase.model import FileKind, Owner
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.text import canonical, sha256
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import ORDER, QUOTE, QUOTE_LINES, load_lines
from comptoir.orders.model import Order, OrderStatus, Quote, QuoteStatus, Signature, SignatureFields, SignedQuote
from comptoir.orders.withdrawal import last_day
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.words import terms_in_words


class NotSignable(Conflict):
    """Only the last quote or amendment of an offer can be signed, once its PDF exists."""

    code = "quote_not_signable"
    fr = "Seul le dernier devis (ou avenant) généré d'une offre en cours peut être signé."
    en = "Only the last quote (or amendment) generated of an offer in progress can be signed."


class AlreadySigned(Conflict):
    """A signature is recorded once."""

    code = "quote_already_signed"
    fr = "Ce devis est déjà signé : un changement passe par un avenant."
    en = "This quote is signed already: a change takes an amendment."


class SignQuote(OrderCommand, SignatureFields):
    """Record that the customer signed a quote or an amendment by hand (QUO-04).

    A change of the order then takes an amendment, signed too, before the order can be confirmed.
    Errors: `NotSignable`, `AlreadySigned`; `Refused` on the date or the copy.
    """

    guarded: ClassVar[bool] = False

    version: int

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.quote(company, self.order, self.version)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order, key = self.load(tx, ctx), keys.quote(ctx.company, self.order, self.version)
        quote = tx.require(QUOTE, key)
        given = SignatureFields(**self.picked(SignatureFields.model_fields))
        if quote.signature:
            if any(getattr(quote.signature, name) != getattr(given, name) for name in SignatureFields.model_fields):
                raise AlreadySigned()
            return Reply.of(quote.view())
        last = order.status is OrderStatus.OFFER and self.version == order.quotes
        if not last or quote.status is not QuoteStatus.READY or quote.snapshot.proforma:
            raise NotSignable()
        refuse_if(self._breaches(tx, ctx, quote))
        signed = quote.change(signature=self._signature(ctx, quote, given))
        tx.put(QUOTE, key, signed)
        head = keys.order(ctx.company, order.id)
        agreed = _agreed(quote.snapshot.currency, quote.snapshot.terms, _frozen_lines(tx, ctx.company, quote))
        tx.put(ORDER, head, order.change(signed=_signed(quote, given, agreed)))
        before, after = quote.view().model_dump(mode="json"), signed.view().model_dump(mode="json")
        record(tx, ctx, head.pk, "quote_signed", difference(before, after))
        return Reply.of(signed.view())

    def _signature(self, ctx: Context, quote: Quote, given: SignatureFields) -> Signature:
        right = quote.snapshot.withdrawal
        start = max(right.start, self.signed_on) if right and right.goods else self.signed_on
        return Signature(
            **given.picked(SignatureFields.model_fields),
            recorded_at=ctx.now,
            operator=ctx.operator.name,
            withdrawal_until=last_day(start) if right else None,
        )

    def _breaches(self, tx: Transaction, ctx: Context, quote: Quote) -> list[Breach]:
        found = []
        if not quote.snapshot.issue_date <= self.signed_on <= ctx.today:
            fr = "La date de signature va de celle du devis à aujourd'hui."
            en = "The date of the signature is between that of the quote and today."
            found.append(Breach(code="signature_date", fr=fr, en=en, pointer="/signed_on"))
        copy = tx.get(FILED, keys.filed(ctx.company, Owner.ORDER, self.order, self.file)) if self.file else None
        if self.file and (copy is None or copy.kind is not FileKind.SIGNED_QUOTE):
            fr = "La copie signée n'est pas dans la base documentaire de la commande."
            en = "The signed copy is not in the document base of the order."
            found.append(Breach(code="signed_copy_unknown", fr=fr, en=en, pointer="/file"))
        return found


def _signed(quote: Quote, given: SignatureFields, agreed: str) -> SignedQuote:
    return SignedQuote(
        version=quote.version,
        number=quote.number,
        issue_date=quote.snapshot.issue_date,
        signed_on=given.signed_on,
        agreed=agreed,
    )


def _frozen_lines(tx: Transaction, company: str, quote: Quote) -> tuple[PricedLine, ...]:
    wanted = [keys.quote_lines(company, quote.order, quote.version, number) for number in range(quote.chunks)]
    tx.prefetch(wanted)
    return tuple(line for key in wanted for line in tx.require(QUOTE_LINES, key).lines)


def _agreed(currency: str, terms: Sequence[str], lines: Iterable[PricedLine]) -> str:
    """The digest of what a signature agrees on: products, quantities, prices, incoterms, payment terms."""
    told = [line.model_dump(mode="json", exclude={"transport_of"}) for line in lines]
    return sha256(canonical([currency, list(terms), told]))


def changed_since_signature(tx: Transaction, company: str, order: Order) -> bool:
    """Whether the order is no longer what the customer signed, so that it takes a signed amendment (QUO-04)."""
    if order.signed is None:
        return False
    lines = rules.price(order, load_lines(tx, company, order))
    return _agreed(order.currency, terms_in_words(order.terms, order.language), lines) != order.signed.agreed
