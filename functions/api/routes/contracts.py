"""Contracts: what is agreed, its periods and renewals, actions before them, and indexes (CTR-01 to CTR-06)."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.contracts.commands import (
    BillPeriodAgain,
    CompleteContractAction,
    CreateContract,
    LengthenContract,
    RenewContract,
    RunRenewals,
    RunStarted,
    SavePriceIndex,
    UpdateContract,
)
from comptoir.contracts.indexation import PriceIndex
from comptoir.contracts.items import ContractAction, ContractSummary
from comptoir.contracts.model import BilledPeriod, Contract
from comptoir.contracts.queries import (
    ListContractActions,
    ListContractPeriods,
    ListContracts,
    ListPartyContracts,
    ListPriceIndexes,
    ListRenewals,
    ReadContract,
    ReadContractHistory,
    ReadNextPeriod,
    ReadPriceIndex,
)
from comptoir.contracts.renewal import ProposedPeriod
from comptoir.contracts.termination import TerminateContract, Terminated

from ..routing import Route

_ID = "01KASXPZ5CF1A3H9QJ4M7R2W8T"
CONTRACT_EXAMPLE = {
    "party": _ID,
    "name": "Maintenance des palans",
    "start": "2026-11-01",
    "duration": {"count": 1, "unit": "year"},
    "tacit_renewal": True,
    "notice": {"count": 3, "unit": "month"},
    "period": {"count": 1, "unit": "quarter"},
    "lines": [{"designation": "Visite trimestrielle", "kind": "service", "unit_price": "450.00", "vat_rate": "20"}],
    "indexation": {"rate": "2"},
    "reminders": [],
}
INDEX_EXAMPLE = {"name": "Indice Syntec", "values": [{"date": "2026-01-01", "value": "322.4"}]}
_AT = "/contracts/{contract}"
_TERMINATION = {"last_day": "2027-10-31", "reason": "Vente du matériel"}

ROUTES = (
    Route("GET", "/contracts", ListContracts, Listing[ContractSummary]),
    Route("POST", "/contracts", CreateContract, Contract, 201, "/contracts/{id}", example=CONTRACT_EXAMPLE),
    Route("GET", _AT, ReadContract, Contract),
    Route("PATCH", _AT, UpdateContract, Contract, example={"name": "Maintenance et prêt"}),
    Route("GET", f"{_AT}/history", ReadContractHistory, Listing[HistoryEntry]),
    Route("GET", f"{_AT}/next-period", ReadNextPeriod, ProposedPeriod),
    Route("GET", f"{_AT}/periods", ListContractPeriods, Listing[BilledPeriod]),
    Route("POST", f"{_AT}/renewal", RenewContract, BilledPeriod, 201),
    Route("POST", f"{_AT}/periods/{{day}}/draft", BillPeriodAgain, BilledPeriod, 201),
    Route("POST", f"{_AT}/terms", LengthenContract, Contract),
    Route("POST", f"{_AT}/termination", TerminateContract, Terminated, example=_TERMINATION),
    Route("GET", "/parties/{party}/contracts", ListPartyContracts, Listing[ContractSummary]),
    Route("GET", "/contract-renewals", ListRenewals, Listing[BilledPeriod]),
    Route("POST", "/contract-renewals", RunRenewals, RunStarted, 202),
    Route("GET", "/contract-actions", ListContractActions, Listing[ContractAction]),
    Route("POST", "/contract-actions/{contract_action}/completion", CompleteContractAction, ContractAction),
    Route("GET", "/price-indexes", ListPriceIndexes, Listing[PriceIndex]),
    Route("GET", "/price-indexes/{price_index}", ReadPriceIndex, PriceIndex),
    Route("PUT", "/price-indexes/{price_index}", SavePriceIndex, PriceIndex, example=INDEX_EXAMPLE),
)
