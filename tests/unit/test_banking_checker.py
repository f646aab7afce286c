"""The checker of transfer files: each broken rule is told with its place, and nothing that a schema refuses passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from comptoir.banking.formats.check import check
from comptoir.banking.model import MessageVersion, TransferOrder, Urgency
from comptoir.kernel.errors import Refused
from tests.unit.banking_support import abroad, file, needs_schemas, order, orders, schema_errors, transfer

SEPA_2009, GENERAL_2009, GENERAL_2019 = MessageVersion
TWO = (transfer(1), transfer(2))


def _at(root: etree._Element, path: str) -> etree._Element:
    found = root.find(".//" + "/".join(f"{{*}}{name}" for name in path.split("/")))
    assert found is not None, path
    return found


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


Mutation = Callable[[etree._Element], None]


def says(path: str, text: str) -> Mutation:
    def mutate(root: etree._Element) -> None:
        _at(root, path).text = text

    return mutate


def without(path: str) -> Mutation:
    def mutate(root: etree._Element) -> None:
        found = _at(root, path)
        _parent(found).remove(found)

    return mutate


def twice(path: str) -> Mutation:
    def mutate(root: etree._Element) -> None:
        found = _at(root, path)
        _parent(found).insert(_parent(found).index(found), etree.fromstring(etree.tostring(found)))

    return mutate


def last(path: str) -> Mutation:
    def mutate(root: etree._Element) -> None:
        found = _at(root, path)
        _parent(found).append(found)

    return mutate


def added(path: str, tag: str, text: str = "x") -> Mutation:
    def mutate(root: etree._Element) -> None:
        parent = _at(root, path)
        child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{tag}")
        child.text = text

    return mutate


def marked(path: str, name: str, value: str) -> Mutation:
    def mutate(root: etree._Element) -> None:
        _at(root, path).set(name, value)

    return mutate


def same_reference(root: etree._Element) -> None:
    for found in root.iterfind(".//{*}EndToEndId"):
        found.text = "FA1"


def same_instruction(root: etree._Element) -> None:
    for found in root.iterfind(".//{*}InstrId"):
        found.text = "1"


def two_payments(root: etree._Element) -> None:
    twice("PmtInf")(root)
    for path in ("GrpHdr/NbOfTxs", "GrpHdr/CtrlSum"):
        found = _at(root, path)
        found.text = str(Decimal(found.text or "") * 2)


BAD_IBAN, FOREIGN_IBAN = "DE00000000000000000000", "TN5904018104004942712345"
REFERRED = order(SEPA_2009, transfer(remittance="RF18539007547034"))
SAME_DAY = order(GENERAL_2009, urgency=Urgency.SAME_DAY)
TYPE, DAY = "PmtTpInf", "ReqdExctnDt/Dt"
BIC = "CdtrAgt/FinInstnId/BIC"
REF = "RmtInf/Strd/CdtrRefInf/Ref"
BOTH = order(SEPA_2009, *TWO)

MUTATIONS: list[tuple[str, TransferOrder, Mutation, str, str]] = [
    ("count of all", BOTH, says("GrpHdr/NbOfTxs", "3"), "count_wrong", "GrpHdr/NbOfTxs"),
    ("count of a payment", BOTH, says("PmtInf/NbOfTxs", "1"), "count_wrong", "PmtInf[1]/NbOfTxs"),
    ("sum of all", order(), says("GrpHdr/CtrlSum", "1234.57"), "sum_wrong", "GrpHdr/CtrlSum"),
    ("sum of a payment", order(), says("PmtInf/CtrlSum", "1234.5"), "sum_wrong", "PmtInf[1]/CtrlSum"),
    ("no sum", order(), without("GrpHdr/CtrlSum"), "element_missing", "/GrpHdr/CtrlSum"),
    ("same end-to-end", BOTH, same_reference, "endtoendid_repeated", "~2/PmtId/EndToEndId"),
    ("same instruction", BOTH, same_instruction, "instrid_repeated", "~2/PmtId/InstrId"),
    ("same payment", order(), two_payments, "pmtinfid_repeated", "PmtInf[2]/PmtInfId"),
    ("accent", order(), says("Cdtr/Nm", "Café"), "character_refused", "~/Cdtr/Nm"),
    ("ampersand", order(), says("Dbtr/Nm", "A & B"), "character_refused", "/PmtInf[1]/Dbtr/Nm"),
    ("space at the end", order(), says("RmtInf/Ustrd", "Facture "), "space_at_end", "~/RmtInf/Ustrd"),
    ("slash at the end", order(), says("EndToEndId", "FA1/"), "reference_slashes", "~/PmtId/EndToEndId"),
    ("two slashes", order(), says("MsgId", "A//B"), "reference_slashes", "/GrpHdr/MsgId"),
    ("long reference", order(), says("EndToEndId", "A" * 36), "text_too_long", "~/PmtId/EndToEndId"),
    ("long name", order(), says("Cdtr/Nm", "A" * 71), "text_too_long", "~/Cdtr/Nm"),
    ("long name, general", order(GENERAL_2019), says("Cdtr/Nm", "A" * 141), "text_too_long", "~/Cdtr/Nm"),
    ("long motive", order(), says("RmtInf/Ustrd", "A" * 141), "text_too_long", "~/RmtInf/Ustrd"),
    ("empty name", order(), says("Cdtr/Nm", ""), "element_empty", "~/Cdtr/Nm"),
    ("no name", order(), without("Cdtr/Nm"), "element_empty", "~/Cdtr"),
    ("no bank", order(), without("CdtrAgt"), "element_missing", "~/CdtrAgt"),
    ("no BIC", order(), without("DbtrAgt/FinInstnId/BIC"), "element_empty", "/PmtInf[1]/DbtrAgt/FinInstnId"),
    ("false BIC", order(), says(BIC, "BANKDE0O"), "value_refused", f"~/{BIC}"),
    ("IBAN", order(), says("CdtrAcct/Id/IBAN", BAD_IBAN), "iban_wrong", "~/CdtrAcct/Id/IBAN"),
    ("IBAN outside SEPA", order(), says("CdtrAcct/Id/IBAN", FOREIGN_IBAN), "not_in_sepa", "~/CdtrAcct/Id"),
    ("nothing paid", order(), says("InstdAmt", "0.00"), "amount_not_positive", "~/Amt/InstdAmt"),
    ("too much", order(GENERAL_2019), says("InstdAmt", "1000000000.00"), "amount_over_sepa", "~/Amt/InstdAmt"),
    ("negative", order(), says("InstdAmt", "-5.00"), "value_refused", "~/Amt/InstdAmt"),
    ("decimals of yen", abroad(), marked("InstdAmt", "Ccy", "JPY"), "too_many_decimals", "~/Amt/InstdAmt"),
    ("currency in SEPA", order(), marked("InstdAmt", "Ccy", "USD"), "currency_in_sepa", "PmtInf[1]"),
    ("no currency", order(), marked("InstdAmt", "Ccy", ""), "currency_missing", "~/Amt/InstdAmt"),
    ("attribute", order(), marked("MsgId", "x", "1"), "attribute_unknown", "/GrpHdr/MsgId"),
    ("Saturday", order(), says("ReqdExctnDt", "2026-11-28"), "not_a_target_day", "PmtInf[1]/ReqdExctnDt"),
    ("Good Friday", order(GENERAL_2019), says(DAY, "2027-03-26"), "not_a_target_day", "PmtInf[1]/ReqdExctnDt"),
    ("no date", order(), says("ReqdExctnDt", "2026-02-30"), "date_wrong", "/PmtInf[1]/ReqdExctnDt"),
    ("charges in SEPA", order(), says("PmtInf/ChrgBr", "SHAR"), "charges_in_sepa", "PmtInf[1]/ChrgBr"),
    ("charges abroad", abroad(), says("CdtTrfTxInf/ChrgBr", "SLEV"), "charges_abroad", "~/ChrgBr"),
    ("no address", abroad(), without("Cdtr/PstlAdr"), "address_missing", "~/Cdtr/PstlAdr"),
    ("no town", abroad(), without("Cdtr/PstlAdr/TwnNm"), "element_missing", "~/Cdtr/PstlAdr/TwnNm"),
    ("address of 2009", order(), added("Cdtr", "PstlAdr"), "element_unknown", "~/Cdtr/PstlAdr"),
    ("free line beside a street", order(GENERAL_2019), added("Cdtr/PstlAdr", "AdrLine"), "address_mixed", "~/PstlAdr"),
    ("no bank abroad", abroad(), without("CdtrAgt"), "bank_missing", "~/CdtrAgt"),
    ("urgent without priority", SAME_DAY, without("InstrPrty"), "priority_missing", "PmtInf[1]/PmtTpInf/InstrPrty"),
    ("urgent in SEPA", order(), says("SvcLvl/Cd", "URGP"), "value_refused", "/PmtInf[1]/PmtTpInf/SvcLvl/Cd"),
    ("instant", order(GENERAL_2009), added(TYPE, "LclInstrm"), "element_empty", "/PmtInf[1]/PmtTpInf/LclInstrm"),
    ("creditor reference", REFERRED, says(REF, "RF19539007547034"), "reference_wrong", f"~/{REF}"),
    ("order of elements", order(), last("PmtInf/Dbtr"), "element_misplaced", "/PmtInf[1]/Dbtr"),
    ("twice", order(), twice("RmtInf"), "element_repeated", "~/RmtInf"),
    ("unknown", order(), added("CdtTrfTxInf", "Whatever"), "element_unknown", "~/Whatever"),
    ("loose text", order(), says("PmtInf/Dbtr", "hello"), "text_misplaced", "/PmtInf[1]/Dbtr"),
    ("nested in a text", order(), added("MsgId", "b"), "text_expected", "/GrpHdr/MsgId"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("of", "mutate", "code", "place"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS]
)
def test_each_broken_rule_is_told_with_its_place(of: TransferOrder, mutate: Mutation, code: str, place: str) -> None:
    """`~` stands for the first transaction of the first payment, `~2` for its second one."""
    place = re.sub("^~(2?)", lambda found: f"PmtInf[1]/CdtTrfTxInf[{found[1] or 1}]", place)
    root = etree.fromstring(file(of))
    assert check(file(of)) == []
    mutate(root)
    found = check(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    assert (code, place) in {(breach.code, breach.pointer) for breach in found}
    assert all(breach.fr != breach.en for breach in found)


def test_every_breach_of_a_file_is_told_not_only_the_first() -> None:
    root = etree.fromstring(file(order(SEPA_2009, *TWO)))
    for mutate in (
        says("GrpHdr/NbOfTxs", "9"),
        says("Dbtr/Nm", "É"),
        says("ReqdExctnDt", "2026-12-25"),
        same_reference,
    ):
        mutate(root)
    codes = {breach.code for breach in check(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))}
    assert codes == {"count_wrong", "character_refused", "not_a_target_day", "endtoendid_repeated"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbf" + file(order()), "byte_order_mark"),
        (file(order()).replace(b"UTF-8", b"ISO-8859-1"), "encoding_undeclared"),
        (file(order()).replace(b"pain.001.002.03", b"pain.001.001.02"), "version_unknown"),
        (b"<?xml version='1.0' encoding='UTF-8'?><html/>", "version_unknown"),
    ],
)
def test_bytes_and_version_are_checked_too(data: bytes, code: str) -> None:
    assert code in {breach.code for breach in check(data)}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (file(order())[:-40], "xml_truncated"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "xml_doctype"),
        (b"", "xml_malformed"),
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as error:
        check(data)
    assert [breach.code for breach in error.value.breaches] == [code]


_TEXTS = ("", " ", "A" * 200, "é", "0", "-1.00", "1e5", "2026-13-01", "XX", "TRUE", "FR00", "//", "a\tb")


def _shaken(root: etree._Element, random: Random) -> None:
    """One random damage: a text, an element lost, doubled, moved, renamed, or an attribute."""
    elements = list(root.iter())[1:]
    if not elements:
        return
    target = random.choice(elements)
    parent = _parent(target)
    match random.randrange(7):
        case 0:
            target.text = random.choice(_TEXTS)
        case 1:
            parent.remove(target)
        case 2:
            parent.insert(random.randrange(len(parent) + 1), etree.fromstring(etree.tostring(target)))
        case 3:
            parent.append(target)
        case 4:
            target.tag = random.choice(elements).tag
        case 5:
            target.set("Ccy", random.choice(("EUR", "usd", "")))
        case _:
            random.choice([each for each in elements if each is not target] or [root]).text = target.text


@needs_schemas
@settings(max_examples=400, deadline=None)
@given(orders(), st.integers(0, 2**32))
def test_no_damaged_file_that_a_schema_refuses_passes_the_checker(of: TransferOrder, seed: int) -> None:
    root = etree.fromstring(file(of))
    random = Random(seed)
    for _ in range(random.randint(1, 3)):
        _shaken(root, random)
    damaged = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    if schema_errors(of.version, damaged):
        assert check(damaged)
