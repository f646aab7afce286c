"""Where SEPA reaches, and which of SEPA and SWIFT a transfer goes by (TRS-08, RULES §5.1)."""

from __future__ import annotations

from comptoir.banking.model import TransferKind
from comptoir.kernel.identity import EU

EEA = EU | {"IS", "LI", "NO"}
_OVERSEAS = frozenset("GF GP MQ RE YT BL MF PM".split())
"""Of France, in SEPA, with BICs of their own and French IBANs; NC, PF and WF have French IBANs and are not in SEPA."""
SEPA = (
    EEA
    | frozenset("CH GB GG JE IM GI MC SM AD VA AL ME MK MD RS".split())
    | _OVERSEAS
)  # fmt: skip
_IBANS_OF = {
    "FR": _OVERSEAS | {"FR", "MC", "NC", "PF", "WF", "TF"},
    "MC": frozenset({"MC", "FR"}),
    "GB": frozenset({"GB", "GG", "JE", "IM"}),
}
"""Countries of the BICs of accounts whose IBAN begins with another country."""


def bic_country(bic: str) -> str:
    """The country of a bank: letters 5 and 6 of its BIC."""
    return bic[4:6]


def agree(bic: str, iban: str) -> bool:
    """Whether a bank of this BIC can keep an account of this IBAN."""
    country = iban[:2]
    return bic_country(bic) in _IBANS_OF.get(country, {country})


def in_sepa(bic: str | None, iban: str | None) -> bool:
    """Whether an account is within SEPA: an IBAN of it, at a bank of it when the BIC is known."""
    return iban is not None and iban[:2] in SEPA and (bic is None or bic_country(bic) in SEPA)


def decide(currency: str, bic: str | None, iban: str | None) -> TransferKind:
    """SEPA for euro to an account within SEPA, SWIFT for everything else."""
    return TransferKind.SEPA if currency == "EUR" and in_sepa(bic, iban) else TransferKind.SWIFT


def both_in_eea(*accounts: tuple[str | None, str | None]) -> bool:
    """Whether every account (BIC, IBAN) is kept in the European Economic Area, where each pays its own bank."""
    return all(_country(*account) in EEA | _OVERSEAS for account in accounts)


def _country(bic: str | None, iban: str | None) -> str:
    return bic_country(bic) if bic else (iban or "")[:2]
