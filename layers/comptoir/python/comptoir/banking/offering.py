"""Treasury lines that a transfer may pay, and what becomes a transfer of one (TRS-06, TRS-07)."""

from __future__ import annotations

from collections.abc import Container

from comptoir.banking.model import Charges, Creditor, Transfer
from comptoir.banking.references import end_to_end
from comptoir.banking.transfer_rules import breach
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.ids import Id
from comptoir.parties.model import Party
from comptoir.treasury.model import PaymentMeans, TreasuryLine, TreasuryStatus

_NAMES = {
    TreasuryStatus.FORECAST: ("prévisionnelle", "forecast"),
    TreasuryStatus.FIRM: ("ferme", "firm"),
    TreasuryStatus.PAID: ("payée", "paid"),
}


def offer_breaches(line: TreasuryLine) -> list[Breach]:
    """Every reason for which a line cannot be paid by a transfer (TRS-06, TRS-09).

    Its means, status, account to debit or amount, or the transfer that it had already.
    """
    found = []
    if line.means is not PaymentMeans.TRANSFER:
        fr = "Le moyen de paiement de cette ligne n'est pas le virement."
        found.append(breach("not_a_transfer", "/means", fr, "The means of payment of this line is not a transfer."))
    if line.status is not TreasuryStatus.INVOICED:
        fr, en = _NAMES.get(line.status, ("un avoir", "a credit note"))
        told = f"Cette ligne est {fr} : seule une ligne facturée se paie par virement."
        english = f"This line is {en}: only an invoiced line is paid by a transfer."
        found.append(breach("line_not_invoiced", "/status", told, english))
    if line.bank_account is None:
        fr = "Cette ligne n'a pas de compte bancaire à débiter."
        found.append(breach("bank_account_missing", "/bank_account", fr, "This line has no bank account to debit."))
    if line.transfer:
        fr = "Virement généré : une ligne ne se vire qu'une fois."
        found.append(breach("line_transferred", "", fr, "Transfer generated: a line is transferred only once."))
    if line.amount.amount <= 0:
        fr = "Le montant d'un virement est positif."
        found.append(breach("amount_not_positive", "/amount", fr, "The amount of a transfer is positive."))
    return found


def line_breaches(line: TreasuryLine, document: Id, at: str) -> list[Breach]:
    """Every reason why a line of a supplier's document is not paid by a transfer, with where to mend it.

    `at` is the transfer's place in the request.
    """
    link = f"/supplier-documents/{document}/treasury"
    return [
        Breach(code=each.code, fr=each.fr, en=each.en, pointer=f"{at}{each.pointer}", link=link)
        for each in offer_breaches(line)
    ]


def unknown_line(pointer: str) -> Breach:
    """The breach of a line that no document has, or has no longer."""
    fr, en = "Aucune facture de fournisseur n'a cette ligne.", "No supplier's invoice has this line."
    return Breach(code="unknown_line", fr=fr, en=en, pointer=pointer)


def account_missing(party: Party, pointer: str | None) -> Breach:
    """The breach of a supplier that has no account to be paid on."""
    fr, en = "Le fournisseur n'a pas de compte bancaire.", "The supplier has no bank account."
    return Breach(code="account_missing", fr=fr, en=en, pointer=pointer, link=f"/parties/{party.id}")


def transfer_of(
    line: TreasuryLine,
    account: BankAccount | ForeignAccount,
    address: Address | None,
    number: str | None,
    reason: str | None = None,
    charges: Charges | None = None,
    purpose: str | None = None,
    taken: Container[str] = (),
) -> Transfer:
    """The transfer of a line to an account of the supplier: its amount cannot be another one (TRS-07).

    `number` is that of the supplier's invoice, which the end-to-end reference is where it can be;
    `reason` (*motif*) is for the beneficiary. The line's id is the transfer's: one line, one
    transfer, ever (TRS-09).
    """
    return Transfer(
        id=line.id,
        creditor=_creditor(account, address),
        amount=line.amount,
        end_to_end=end_to_end(number, line.id, taken),
        remittance=reason or number,
        purpose=purpose,
        charges=charges,
    )


def _creditor(account: BankAccount | ForeignAccount, address: Address | None) -> Creditor:
    if isinstance(account, BankAccount):
        return Creditor(name=account.holder, iban=account.iban, bic=account.bic, address=address)
    return Creditor(name=account.holder, account=account.number, bic=account.bic, bank=account.bank, address=address)
