"""What a period of a contract comes to: prices revised, and parts of periods by the day (CTR-01, CTR-05).

A part of a period is worth its days out of those of the whole one, each line rounded once, half up. Its
price by unit is shown so that quantity times price gives that amount to the cent; where six decimals
cannot, the line becomes one lump sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import LUMP_SUM, line_net
from comptoir.contracts.indexation import Every, Revision, indexed
from comptoir.contracts.model import Contract, ContractLine
from comptoir.contracts.periods import Period, boundary, place
from comptoir.invoicing.model import DirectLine
from comptoir.kernel.money import Money, exactly, quantize, total
from comptoir.kernel.spans import months_after, months_between
from comptoir.parties.snapshot import Language

_PRICE = Decimal("0.000001")


def revisions(contract: Contract, period: Period) -> int:
    """How many revisions of prices a period has behind it."""
    indexation = contract.indexation
    if indexation is None:
        return 0
    if indexation.every is Every.YEAR:
        return max(0, months_between(contract.start, period.start) // 12)
    first = place(contract, contract.start)
    if boundary(contract, first) < contract.start:
        first += 1
    return max(0, place(contract, period.start) - first)


def revised_on(contract: Contract, period: Period, count: int) -> Revision:
    """The revision that holds for a period, without the value of an index yet: how many there were, and its day."""
    yearly = contract.indexation is None or contract.indexation.every is Every.YEAR
    day = months_after(contract.start, 12 * count) if yearly else period.start
    return Revision(count=count, day=day)


def prorated(net: Money, days: int, whole: int) -> Money:
    """So many days' part of an amount, rounded once."""
    with exactly():
        return Money.of(net.amount * days / whole, net.currency)


def priced(
    contract: Contract, period: Period, revision: Revision | None, language: Language
) -> tuple[tuple[str, DirectLine], ...]:
    """The lines that a period is billed with, each with the contract's line that it comes from."""
    revised = [(line, _price(line, contract, revision)) for line in contract.lines]
    if period.whole:
        return tuple((line.id, _sold(line, unit_price=price)) for line, price in revised)
    return tuple((line.id, _part(line, price, contract.currency, period, language)) for line, price in revised)


def _price(line: ContractLine, contract: Contract, revision: Revision | None) -> Decimal:
    if revision is None or contract.indexation is None or not line.indexed:
        return line.unit_price
    return indexed(line.unit_price, contract.indexation, revision)


def _sold(line: ContractLine, **changed: object) -> DirectLine:
    return DirectLine.model_validate(line.picked(DirectLine.model_fields) | changed)


def _part(line: ContractLine, price: Decimal, currency: str, period: Period, language: Language) -> DirectLine:
    """A line of a part of a period, worth its days to the cent."""
    whole = line_net(line.quantity, price, line.discount_rate, line.free, currency)
    net = prorated(whole, period.days, period.whole_days)
    told = {"designation": f"{line.designation} {part_in_words(period, language)}"[:_LONGEST]}
    asked = 100 - line.discount_rate
    if line.free or not asked:
        return _sold(line, unit_price=price, **told)
    with exactly():
        each = quantize(net.amount * 100 / (line.quantity * asked), _PRICE)
    if line_net(line.quantity, each, line.discount_rate, False, currency) == net:
        return _sold(line, unit_price=each, **told)
    lump = {"quantity": Decimal(1), "unit": LUMP_SUM[language], "discount_rate": Decimal(0)}
    return _sold(line, unit_price=net.amount, **lump, **told)


_LONGEST = 4000
_PART = {
    Language.FRENCH: "(prorata {days}/{whole} jours)",
    Language.ENGLISH: "(pro rata {days}/{whole} days)",
    Language.SPANISH: "(prorrata {days}/{whole} días)",
    Language.GERMAN: "(anteilig {days}/{whole} Tage)",
}


def part_in_words(period: Period, language: Language) -> str:
    """How much of a period a line is for: « (prorata 20/31 jours) »."""
    return _PART[language].format(days=period.days, whole=period.whole_days)


def worth(lines: Sequence[DirectLine], currency: str) -> Money:
    """What lines come to without VAT."""
    nets = (line_net(line.quantity, line.unit_price, line.discount_rate, line.free, currency) for line in lines)
    return total(nets, currency)
