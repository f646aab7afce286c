"""Transfer orders written as pain.001 files, one transfer at a time (TRS-08)."""

from __future__ import annotations

from typing import IO

from lxml import etree

from comptoir.banking.credit_transfer import Message
from comptoir.banking.message import Node
from comptoir.banking.model import MessageVersion, TransferOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


def namespace(version: MessageVersion) -> str:
    """The XML namespace of a version."""
    return NAMESPACE + version.value


def write(order: TransferOrder, file: IO[bytes]) -> None:
    """Write the message of an order into an open binary file: UTF-8, without mark; memory does not follow its size.

    Only the root names the namespace, which its content then stands in: elements that named it
    would each repeat its declaration.
    """
    message = Message(order)
    with etree.xmlfile(file, encoding="UTF-8") as xml:
        xml.write_declaration()
        space = namespace(order.version)
        with (
            xml.element(f"{{{space}}}Document", nsmap={None: space}),
            xml.element("CstmrCdtTrfInitn"),
        ):
            _put(xml, message.head())
            with xml.element("PmtInf"):
                for node in message.payment():
                    _put(xml, node)
                for node in message.transfers():
                    _put(xml, node)


def _put(xml: etree._IncrementalFileWriter, node: Node | None) -> None:
    if node:
        xml.write("\n", _element(node))


def _element(node: Node) -> etree._Element:
    element = etree.Element(node.tag)
    if node.currency:
        element.set("Ccy", node.currency)
    if isinstance(node.content, str):
        element.text = node.content
    else:
        for child in node.content:
            element.append(_element(child))
    return element
