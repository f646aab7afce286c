"""Transfer orders written as pain.001 files, one transfer at a time (TRS-08)."""

from __future__ import annotations

from typing import IO
from xml.sax.saxutils import escape

from comptoir.banking.credit_transfer import Message
from comptoir.banking.message import Node
from comptoir.banking.model import MessageVersion, TransferOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


def namespace(version: MessageVersion) -> str:
    """The XML namespace of a version."""
    return NAMESPACE + version.value


def write(order: TransferOrder, file: IO[bytes]) -> None:
    """Write the message of an order into an open binary file: UTF-8, without mark; memory does not follow its size.

    Written as text: an element has a tag of ours, a text that is escaped, and at most a currency.
    """
    message = Message(order)
    root = f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns=\"{namespace(order.version)}\"><CstmrCdtTrfInitn>"
    file.write(root.encode())
    _put(file, message.head())
    file.write(b"<PmtInf>")
    for node in message.payment():
        _put(file, node)
    for node in message.transfers():
        _put(file, node)
    file.write(b"</PmtInf></CstmrCdtTrfInitn></Document>")


def _put(file: IO[bytes], node: Node | None) -> None:
    if node:
        file.write(f"\n{_element(node)}".encode())


def _element(node: Node) -> str:
    tag, content, currency = node
    inside = escape(content) if isinstance(content, str) else "".join(map(_element, content))
    return f'<{tag} Ccy="{currency}">{inside}</{tag}>' if currency else f"<{tag}>{inside}</{tag}>"
