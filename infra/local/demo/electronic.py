"""A supplier's invoice as its own software would send it: a PDF with its XML inside (Factur-X, EN 16931)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape

from facturx import generate_from_binary
from fpdf import FPDF

REFERENCE = "RF18539007547034"
"""What the supplier wants to read in the transfer: a structured reference (ISO 11649)."""
_SPACE = "urn:un:unece:uncefact:data:standard"
_CENT = Decimal("0.01")


def facturx_file(
    number: str,
    day: dt.date,
    due: dt.date,
    seller: Mapping[str, Any],
    buyer: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> bytes:
    """The file: `seller` is a party, `buyer` a legal identity, `lines` products of a request, at 20 % VAT."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text=f"Facture {number}")
    xml = _invoice(number, day, due, seller, buyer, lines)
    made: bytes = generate_from_binary(bytes(pdf.output()), xml.encode(), flavor="factur-x", level="en16931")
    return made


def _invoice(
    number: str,
    day: dt.date,
    due: dt.date,
    seller: Mapping[str, Any],
    buyer: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> str:
    nets = [_cents(Decimal(line["quantity"]) * Decimal(line["unit_price"])) for line in lines]
    net = sum(nets, Decimal(0))
    vat = _cents(net / 5)
    rows = "".join(_line(place, line, worth) for place, (line, worth) in enumerate(zip(lines, nets, strict=True), 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{_SPACE}:CrossIndustryInvoice:100"'
        f' xmlns:ram="{_SPACE}:ReusableAggregateBusinessInformationEntity:100"'
        f' xmlns:udt="{_SPACE}:UnqualifiedDataType:100">'
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        f"</rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>380</ram:TypeCode>"
        f"<ram:IssueDateTime>{_day(day)}</ram:IssueDateTime></rsm:ExchangedDocument>"
        f"<rsm:SupplyChainTradeTransaction>{rows}<ram:ApplicableHeaderTradeAgreement>"
        f"<ram:SellerTradeParty>{_party(seller)}</ram:SellerTradeParty>"
        f"<ram:BuyerTradeParty>{_party(buyer)}</ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>"
        f"<ram:ApplicableHeaderTradeDelivery/>{_settlement(due, seller, net, vat)}"
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    )


def _line(place: int, line: Mapping[str, Any], net: Decimal) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{place}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct><ram:Name>{escape(line['designation'])}</ram:Name></ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{line['unit_price']}</ram:ChargeAmount></ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="C62">{line["quantity"]}</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>'
        f"<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax>{_STANDARD}</ram:ApplicableTradeTax>"
        f"<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>"
    )


_STANDARD = (
    "<ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>"
    "<ram:RateApplicablePercent>20</ram:RateApplicablePercent>"
)


def _party(party: Mapping[str, Any]) -> str:
    address = party["address"]
    return (
        f"<ram:Name>{escape(party['name'])}</ram:Name><ram:SpecifiedLegalOrganization>"
        f'<ram:ID schemeID="0002">{party["siren"]}</ram:ID></ram:SpecifiedLegalOrganization><ram:PostalTradeAddress>'
        f"<ram:PostcodeCode>{address['postcode']}</ram:PostcodeCode><ram:LineOne>{escape(address['lines'][0])}</ram:LineOne>"
        f"<ram:CityName>{escape(address['city'])}</ram:CityName><ram:CountryID>FR</ram:CountryID>"
        "</ram:PostalTradeAddress><ram:SpecifiedTaxRegistration>"
        f'<ram:ID schemeID="VA">{party["vat_number"]}</ram:ID></ram:SpecifiedTaxRegistration>'
    )


def _settlement(due: dt.date, seller: Mapping[str, Any], net: Decimal, vat: Decimal) -> str:
    account = seller["bank_accounts"][0]["iban"]
    return (
        f"<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>{REFERENCE}</ram:PaymentReference>"
        "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode><ram:SpecifiedTradeSettlementPaymentMeans>"
        "<ram:TypeCode>30</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>"
        f"<ram:IBANID>{account}</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>"
        "</ram:SpecifiedTradeSettlementPaymentMeans><ram:ApplicableTradeTax>"
        f"<ram:CalculatedAmount>{vat}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:BasisAmount>{net}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        f"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{_day(due)}</ram:DueDateDateTime>"
        "</ram:SpecifiedTradePaymentTerms><ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{net}</ram:LineTotalAmount><ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="EUR">{vat}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{net + vat}</ram:GrandTotalAmount>"
        f"<ram:DuePayableAmount>{net + vat}</ram:DuePayableAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>"
    )


def _day(day: dt.date) -> str:
    return f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>'


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
