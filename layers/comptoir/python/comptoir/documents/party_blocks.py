"""Who sells, who buys, where to deliver, to bill and to pay, as a document's blocks (CGI ann. II art. 242 nonies A)."""

from __future__ import annotations

from comptoir.documents.countries import country_name
from comptoir.documents.fiscal_words import FISCAL
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import Block
from comptoir.kernel.identity import Address, BankAccount
from comptoir.parties.snapshot import Buyer, Language, Seller


def grouped(value: str, size: int) -> str:
    """Digits in groups that stay on one line: `732 829 320`."""
    return "\u00a0".join(value[i : i + size] for i in range(0, len(value), size))


def address_lines(address: Address, home: str, language: Language) -> tuple[str, ...]:
    """An address as the post reads it; the country only when it is not `home`."""
    town = " ".join(part for part in (address.postcode, address.city) if part)
    country = country_name(address.country, language) if address.country != home else ""
    return (*address.lines, *(line for line in (town, country) if line))


def seller_block(seller: Seller, buyer: Buyer, language: Language) -> Block:
    """The head of the letter; the country appears when the buyer lives in another one."""
    texts = TEXTS[language]
    numbers = (
        texts.siren.format(grouped(seller.siren, 3)) if seller.siren else "",
        texts.siret.format(grouped(seller.siret[:9], 3) + "\u00a0" + seller.siret[9:]) if seller.siret else "",
        texts.vat_number.format(seller.vat_number) if seller.vat_number else "",
    )
    reach = (texts.phone.format(seller.phone) if seller.phone else "", seller.email or "", seller.website or "")
    lines = (*address_lines(seller.address, buyer.address.country, language), *reach, *numbers)
    return Block(seller.name, tuple(line for line in lines if line))


def buyer_block(buyer: Buyer, home: str, language: Language) -> Block:
    """Name and address as the window of the envelope shows them."""
    return Block(TEXTS[language].client, (buyer.name, *address_lines(buyer.address, home, language)))


def buyer_facts(buyer: Buyer, texts: Texts) -> tuple[str, ...]:
    """SIREN and VAT number of the customer (CGI ann. II art. 242 nonies A, I 1° and 3°)."""
    facts = (
        texts.siren.format(grouped(buyer.siren, 3)) if buyer.siren else "",
        texts.vat_number.format(buyer.vat_number) if buyer.vat_number else "",
    )
    return tuple(fact for fact in facts if fact)


def billing_block(buyer: Buyer, home: str, language: Language) -> Block | None:
    """The billing address when it differs from the customer's (C. com. L441-9)."""
    if buyer.billing_address is None or buyer.billing_address == buyer.address:
        return None
    return Block(FISCAL[language].billing, address_lines(buyer.billing_address, home, language))


def delivery_block(buyer: Buyer, home: str, language: Language) -> Block | None:
    """The delivery address when it differs from the customer's (242 nonies A, I 7° bis)."""
    if buyer.delivery_address is None or buyer.delivery_address == buyer.address:
        return None
    return Block(TEXTS[language].delivery, address_lines(buyer.delivery_address, home, language))


def bank_block(account: BankAccount, texts: Texts) -> Block:
    """Where to pay."""
    bic = (texts.bic.format(account.bic),) if account.bic else ()
    return Block(texts.bank, (account.holder, texts.iban.format(grouped(account.iban, 4)), *bic))
