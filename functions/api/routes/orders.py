"""Orders from offer to confirmation: lines, quotes, treasury."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.docbase.previewing import Preview
from comptoir.orders.calculation import ApplyCalculator, CalculatorView, ReadCalculator, SaveCalculator
from comptoir.orders.commands import CancelOffer, OpenOffer, SetOfferLines, UpdateOffer
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.confirming import ConfirmationRequest
from comptoir.orders.copying import CopyOrder
from comptoir.orders.desk import AdjustLinePrice, LineProposal, ProposeLine, ReadOrderTotals, SetOrderRates
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.lists import ListOrders
from comptoir.orders.margins import OrderTotals
from comptoir.orders.model import Order, QuoteView
from comptoir.orders.outside import SetOutsideLines
from comptoir.orders.queries import (
    Criteria,
    ListQuotes,
    OrderLines,
    QuoteLink,
    ReadConfirmationCriteria,
    ReadOrder,
    ReadOrderHistory,
    ReadOrderLines,
    ReadOrderTreasury,
    ReadQuote,
)
from comptoir.orders.quoting import GenerateQuote, PreviewQuote
from comptoir.orders.signing import SignQuote
from comptoir.orders.summary import OrderSummary
from comptoir.treasury.settling import TreasuryView

from ..routing import Route

TERMS_EXAMPLE = [{"percentage": "100", "milestone": "invoice", "steps": [{"days": 30}]}]
_OFFER = {"customer": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "terms": TERMS_EXAMPLE}
LINE_EXAMPLE = {"designation": "Palan électrique 500 kg", "quantity": "2", "unit_price": "1234.50", "vat_rate": "20"}
_CAUTION = {"label": "Caution du conteneur", "amount": {"amount": "500.00", "currency": "EUR"}}
_FILE = {"file": "RMOpc2lnbmF0aW9uO1F1YW50aXTDqQ==", "filename": "lignes.csv"}
_RATES = [{"base": "EUR", "quote": "USD", "rate": "1.0876", "date": "2026-11-20", "source": "BCE"}]
_COSTS = {
    "transport": [{"label": "Fret", "amount": {"amount": "850.00", "currency": "EUR"}}],
    "insurance": [{"label": "Assurance maritime", "rate": "0.4", "base": "sale", "base_percentage": "110"}],
    "markup_rate": "20",
}

ROUTES = (
    Route("GET", "/orders", ListOrders, Listing[OrderSummary]),
    Route("POST", "/orders", OpenOffer, Order, 201, "/orders/{id}", example=_OFFER),
    Route("GET", "/orders/{order}", ReadOrder, Order),
    Route("PATCH", "/orders/{order}", UpdateOffer, Order, example=_OFFER),
    Route("GET", "/orders/{order}/history", ReadOrderHistory, Listing[HistoryEntry]),
    Route("GET", "/orders/{order}/lines", ReadOrderLines, OrderLines),
    Route("PUT", "/orders/{order}/lines", SetOfferLines, Order, example={"lines": [LINE_EXAMPLE]}),
    Route("POST", "/orders/{order}/lines/imports", ImportOfferLines, Order, example=_FILE),
    Route(
        "PUT",
        "/orders/{order}/lines/{line}/price",
        AdjustLinePrice,
        Order,
        example={"changed": "overall", "price": "12.50"},
    ),
    Route("GET", "/orders/{order}/proposals/{reference}", ProposeLine, LineProposal),
    Route("GET", "/orders/{order}/totals", ReadOrderTotals, OrderTotals),
    Route("PUT", "/orders/{order}/rates", SetOrderRates, Order, example={"rates": _RATES}),
    Route("GET", "/orders/{order}/calculator", ReadCalculator, CalculatorView),
    Route("PATCH", "/orders/{order}/calculator", SaveCalculator, CalculatorView, example=_COSTS),
    Route("POST", "/orders/{order}/calculator/application", ApplyCalculator, Order, example={}),
    Route("POST", "/orders/{order}/copies", CopyOrder, Order, 201, "/orders/{id}", example={}),
    Route("GET", "/orders/{order}/treasury", ReadOrderTreasury, TreasuryView),
    Route("PUT", "/orders/{order}/treasury/outside", SetOutsideLines, TreasuryView, example={"lines": [_CAUTION]}),
    Route("POST", "/orders/{order}/cancellation", CancelOffer, Order, example={"reason": "Projet reporté"}),
    Route("GET", "/orders/{order}/quotes", ListQuotes, Listing[QuoteView]),
    Route(
        "POST",
        "/orders/{order}/quotes",
        GenerateQuote,
        QuoteView,
        201,
        "/orders/{order}/quotes/{version}/file",
        {202: QuoteView},
        example={"comment": "Prix révisés", "valid_until": "2027-03-31"},
    ),
    Route("GET", "/orders/{order}/quotes/preview", PreviewQuote, Preview),
    Route("GET", "/orders/{order}/quotes/{version}/file", ReadQuote, QuoteLink),
    Route(
        "POST",
        "/orders/{order}/quotes/{version}/signature",
        SignQuote,
        QuoteView,
        example={"signed_on": "2026-11-21", "signatory": "Jeanne Morvan, gérante"},
    ),
    Route("GET", "/orders/{order}/quotes/latest/file", ReadQuote, QuoteLink, name="ReadLatestQuote"),
    Route("GET", "/orders/{order}/confirmation/criteria", ReadConfirmationCriteria, Criteria),
    Route(
        "POST",
        "/orders/{order}/confirmation",
        ConfirmOrder,
        Order,
        200,
        "/orders/{order}",
        {202: ConfirmationRequest},
        example={"internal_reference": "PO-2026-118"},
    ),
)
