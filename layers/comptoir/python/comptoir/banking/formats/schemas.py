"""The grammars of the three credit transfer messages, as far as Comptoir uses them (RULES §5.2).

Narrower than the official schemas on purpose: no free address, no optional element that nobody
fills. A file that holds to its grammar holds to its schema, which the tests prove.
"""

from __future__ import annotations

from comptoir.banking.formats.grammar import Rule, parse
from comptoir.banking.model import MessageVersion

_HEAD = """\
CstmrCdtTrfInitn
 GrpHdr
  MsgId id
  CreDtTm instant
  NbOfTxs count
  CtrlSum sum
  InitgPty
   Nm {name}
 PmtInf+
  PmtInfId id
  PmtMtd transfer
  BtchBookg? flag
  NbOfTxs count
  CtrlSum sum
"""
_TYPE_2009 = """\
  PmtTpInf
   InstrPrty? priority
   SvcLvl
    Cd sepa
  ReqdExctnDt date
  Dbtr
   Nm name70
  DbtrAcct
   Id
    IBAN iban
   Ccy? currency
  DbtrAgt
   FinInstnId
    BIC bic
  ChrgBr? service_level
  CdtTrfTxInf+
   PmtId
    InstrId? id
    EndToEndId id
   Amt
    InstdAmt euros
   CdtrAgt
    FinInstnId
     BIC bic
   Cdtr
    Nm name70
   CdtrAcct
    Id
     IBAN iban
   Purp?
    Cd code4
"""
_GENERAL = """\
  PmtTpInf
   InstrPrty? priority
   SvcLvl
    Cd service
   LclInstrm?
    Cd instrument
{date}
  Dbtr
   Nm name
   PstlAdr?
{address}
  DbtrAcct
   Id
    IBAN iban
   Ccy? currency
  DbtrAgt
   FinInstnId
    |{bic}
    |Othr
     Id not_provided
  ChrgBr? bearer
  CdtTrfTxInf+
   PmtId
    InstrId? id
    EndToEndId id
   Amt
    InstdAmt amount
   ChrgBr? bearer
   CdtrAgt?
    FinInstnId
     {bic_optional}
     ClrSysMmbId?
      ClrSysId
       Cd clearing
      MmbId member
     Nm? name
     PstlAdr?
      TwnNm words35
      Ctry country
   Cdtr
    Nm name
    PstlAdr?
{deeper_address}
   CdtrAcct
    Id
     |IBAN iban
     |Othr
      Id account
   Purp?
    |Cd code4
    |Prtry words35
"""
_ADDRESS = """\
StrtNm? words70
BldgNb? words16
PstCd? words16
TwnNm words35
Ctry country
AdrLine* words70"""
_REMITTANCE = """\
   RmtInf?
    |Ustrd words
    |Strd
     CdtrRefInf
      Tp
       CdOrPrtry
        Cd structured
      Ref creditor_reference
"""


def _general(bic: str, date: str) -> str:
    tag, kind = bic.split()
    filled = _GENERAL.format(
        bic=bic,
        bic_optional=f"{tag}? {kind}",
        date=date,
        address=_indented(4),
        deeper_address=_indented(5),
    )
    return _HEAD.format(name="name") + filled + _REMITTANCE


def _indented(depth: int) -> str:
    return "\n".join(" " * depth + line for line in _ADDRESS.splitlines())


SCHEMAS: dict[MessageVersion, Rule] = {
    MessageVersion.SEPA_2009: parse(_HEAD.format(name="name70") + _TYPE_2009 + _REMITTANCE),
    MessageVersion.GENERAL_2009: parse(_general("BIC bic", "  ReqdExctnDt date")),
    MessageVersion.GENERAL_2019: parse(_general("BICFI bicfi", "  ReqdExctnDt\n   Dt date")),
}
