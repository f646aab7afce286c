"""Queue messages survive, and none is lost between two threads that rebuild the same list."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.durability import Store

# Queue addresses are stored in functions' settings: their port must not be the one of the day. Requests are routed
# by the path, and answers show the port that the caller used.
CANONICAL_PORT = "4566"

# MiniStack deletes by building a new list without the message; a message sent meanwhile by another thread vanished.
_ACTIONS = {
    "SendMessage": "_act_send_message",
    "SendMessageBatch": "_act_send_message_batch",
    "DeleteMessage": "_act_delete_message",
    "DeleteMessageBatch": "_act_delete_message_batch",
    "ChangeMessageVisibility": "_act_change_visibility",
    "ChangeMessageVisibilityBatch": "_act_change_visibility_batch",
}
_WATCHED = (
    "_act_send_message",
    "_act_delete_message",
    "_act_delete_message_batch",
    "_delete_messages_for_esm",
    "_dlq_sweep",
)
_LOCKED = (
    "_act_send_message_batch",
    "_act_change_visibility",
    "_act_change_visibility_batch",
    "_receive_messages_for_esm",
    "_expire_retained",
    "_collect_msgs",
)


class Queues:
    """Journals messages sent, deleted and moved to a dead-letter queue.

    Receiving is not journalled: after a restart a message in flight is visible again, which SQS allows at any time.
    """

    kind = "message"

    def __init__(self, emulator: SimpleNamespace) -> None:
        self._sqs: Any = emulator.sqs
        emulator.sqs.DEFAULT_PORT = CANONICAL_PORT
        emulator.sqs._CANONICAL_NETLOC = f"{emulator.sqs.DEFAULT_HOST}:{CANONICAL_PORT}"

    def install(self, store: Store) -> None:
        """Every list of messages is changed under the lock; what came and went is found by comparing."""
        sqs = self._sqs
        sqs._queues_lock = store.lock
        for name in _WATCHED:
            setattr(sqs, name, self._watched(getattr(sqs, name), store))
        for name in _LOCKED:
            setattr(sqs, name, _locked(getattr(sqs, name), store))
        for action, name in _ACTIONS.items():
            sqs._HANDLERS[action] = getattr(sqs, name)

    def apply(self, arn: str, gone: list[str], come: list[Any], sequence: int, known: dict[str, Any]) -> None:
        """Remove messages by identifier, append others, and keep what protects against duplicates."""
        queue = self._sqs._queue_by_arn(arn)
        if queue is None:
            return
        replaced = {*gone, *(message["id"] for message in come)}
        queue["messages"] = [message for message in queue["messages"] if message["id"] not in replaced] + come
        queue["fifo_seq"] = max(queue["fifo_seq"], sequence)
        queue["dedup_cache"].update(known)

    def restored(self) -> None:
        """A receipt given before the restart is worth nothing now: what it hid is visible at once."""
        for queue in self._sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receipt_handle"):
                    message["receipt_handle"], message["visible_at"] = None, message["sent_at"]

    def _watched(self, function: Callable[..., Any], store: Store) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            with store.operation():
                queues = self._concerned(*arguments)
                before = [[message["id"] for message in queue["messages"]] for queue in queues]
                try:
                    return function(*arguments)
                finally:
                    for queue, identifiers in zip(queues, before, strict=True):
                        self._compare(store, queue, identifiers)

        return watched

    def _concerned(self, first: Any, url: str = "", *_: Any) -> list[Any]:
        """The queue that a call is about, given as a request, an address or itself, and its dead-letter queue."""
        if isinstance(first, str) or "attributes" not in first:
            try:
                queue = self._sqs._get_q(first if isinstance(first, str) else first.get("QueueUrl", url))
            except self._sqs._Err:
                return []
        else:
            queue = first
        policy = queue["attributes"].get("RedrivePolicy", "")
        dead = [other for other in self._sqs._queues.all_values() if f'"{other["attributes"]["QueueArn"]}"' in policy]
        return [queue, *dead]

    def _compare(self, store: Store, queue: Any, before: list[str]) -> None:
        known_before, now = set(before), {message["id"] for message in queue["messages"]}
        gone = [identifier for identifier in before if identifier not in now]
        come = [message for message in queue["messages"] if message["id"] not in known_before]
        if gone or come:
            keys = {message.get("dedup_cache_key") for message in come}
            known = {key: entry for key, entry in queue["dedup_cache"].items() if key in keys}
            store.record(self.kind, queue["attributes"]["QueueArn"], gone, come, queue["fifo_seq"], known)


def _locked(function: Callable[..., Any], store: Store) -> Callable[..., Any]:
    def locked(*arguments: Any) -> Any:
        with store.operation():
            return function(*arguments)

    return locked
