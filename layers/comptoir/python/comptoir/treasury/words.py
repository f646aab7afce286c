"""Payment terms in words: « 30 % à la commande, le solde à 45 jours fin de mois » (INV-05)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.kernel.money import plain
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import INVOICE, DueStep, PaymentMeans, PaymentTerm
from comptoir.treasury.phrases import PHRASES, Phrases


def means_in_words(means: PaymentMeans, language: Language) -> str:
    """How money moves, as documents name it: « virement », "bank transfer"."""
    return PHRASES[language].means[means]


def terms_in_words(terms: Sequence[PaymentTerm], language: Language) -> tuple[str, ...]:
    """One phrase per term, in order; the last of several that make 100 % is the balance."""
    said = PHRASES[language]
    phrases = []
    balanced = len(terms) > 1 and sum(term.percentage for term in terms) == 100
    for number, term in enumerate(terms, 1):
        share = said.balance if balanced and number == len(terms) else percentage_in_words(term.percentage, language)
        phrases.append(f"{share} {_when(term, said)}")
    return tuple(phrases)


def percentage_in_words(percentage: Decimal, language: Language) -> str:
    """A percentage without useless zeros: « 2,5 % », "2.5%"."""
    said = PHRASES[language]
    return said.percent.format(plain(percentage.normalize()).replace(".", said.decimal))


def _when(term: PaymentTerm, said: Phrases) -> str:
    other = (each.format(term.milestone) for each in said.other)
    on_day, afterwards = said.milestones.get(term.milestone) or other
    if not term.steps:
        return on_day
    offset = " ".join(_step(step, said, first=number == 0) for number, step in enumerate(term.steps))
    # « 45 jours fin de mois » is said of the invoice; of a plain number of days one says from when.
    if term.milestone == INVOICE and any(step.days is None for step in term.steps):
        return offset
    return f"{offset} {afterwards}"


def _step(step: DueStep, said: Phrases, first: bool) -> str:
    if step.days is not None:
        one, several = said.days
        return (said.begins if first else said.plus) + (one if step.days in said.singular else several).format(
            step.days
        )
    return said.end_of_month if step.end_of_month else said.day(step.day_of_month or 0)
