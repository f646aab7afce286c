"""The emulator, imported with the settings that we need, and checked against what we touch in it.

MiniStack is pinned, but what the launcher mends are private names: each is listed here with its shape, and the launcher
refuses to start on the first release that changes one, because a mend that silently stops mending loses data.
"""

from __future__ import annotations

import importlib
import inspect
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REGION = "eu-west-3"
# The emulator checks no signature; "test" is the default account, 000000000000.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

# `name(parameters)` is a function, `name:Type` a value of that type, `name~text` a text that contains another.
TOUCHED = {
    "app": (
        "app(scope, receive, send)",
        "_state_map:dict",
        "SERVICE_HANDLERS:dict",
        "SERVICE_REGISTRY:dict",
        "PERSIST_STATE:bool",
        "_get_module(name)",
        "_build_persistence_save_dict()",
        "_routing_params(method, path, headers, body, query_params)",
    ),
    "core.persistence": (
        "STATE_DIR:str",
        "load_state(service)",
        "_json_default(obj)",
        "_state_format_version(service)",
    ),
    "core.hypercorn_compat": ("install()",),
    "core.responses": ("AccountScopedDict:type", "request_scope(account_id, region)", "get_account_id()"),
    "core.lambda_runtime": (
        '_PYTHON_WORKER_SCRIPT~"status": "error", "error": str(e), "trace": traceback.format_exc()',
        "Worker:type",
        "_worker_key(func_name, config, qualifier)",
        "_workers:dict",
        "_lock:lock",
        "reset()",
    ),
    "services.dynamodb": (
        "_set_item(table, pk_val, sk_val, item)",
        "_remove_item(table, pk_val, sk_val)",
        "_lock:lock",
        "_put_item(data)",
        "_update_item(data)",
        "_delete_item(data)",
        "_batch_write_item(data)",
        "_transact_write_items(data)",
        "_get_item(data)",
        "_query(data)",
        "_scan(data)",
        "_batch_get_item(data)",
        "_transact_get_items(data)",
        "_tables:AccountRegionScopedDict",
        "_stream_records:AccountRegionScopedDict",
        "_stream_trimmed:AccountRegionScopedDict",
        "_emit_stream_event(table_name, event_name, old_item, new_item, replicate)",
    ),
    "services.sqs": (
        "_act_send_message(data, qurl)",
        "_act_send_message_batch(data, qurl)",
        "_act_delete_message(data, qurl)",
        "_act_delete_message_batch(data, qurl)",
        "_act_change_visibility(data, qurl)",
        "_act_change_visibility_batch(data, qurl)",
        "_delete_messages_for_esm(queue_url, receipt_handles)",
        "_receive_messages_for_esm(queue_url, max_number)",
        "_dlq_sweep(q)",
        "_expire_retained(q)",
        "_collect_msgs(q, max_n, vis_timeout)",
        "_queues_lock:lock",
        "_HANDLERS:dict",
        "_queue_by_arn(arn)",
        "_get_q(url, action)",
        "_Err:type",
        "_queues:AccountRegionScopedDict",
        "DEFAULT_PORT:str",
        "DEFAULT_HOST:str",
        "_CANONICAL_NETLOC:str",
    ),
    "services.stepfunctions": (
        "_emit_execution_status_event(execution)",
        "_executions:AccountRegionScopedDict",
        "time:module",
        "_run_execution(exec_arn)~time.sleep(0.15)",
    ),
    "services.s3": (
        "_PERSISTED_BUCKET_DICTS:dict",
        "_object_retention:AccountScopedDict",
        "_object_legal_hold:AccountScopedDict",
        "_bucket_object_lock:AccountScopedDict",
        "_persist_object(bucket, key, obj)",
        "_atomic_write(fpath, data, text)",
        "_apply_object_lock_from_headers(bucket_name, key, headers, version_id)",
        "handle_request(method, path, headers, body, query_params, signed_path, enforce_bucket_region, internal, "
        "access_point_region, access_point)",
    ),
    "services.lambda_svc": (
        "_execute_function_warm(func, event, request_id)",
        "acquire_worker(func_name, config, code_zip, qualifier, max_concurrency)",
        "_prune_orphan_code_blobs(referenced)",
        "_ensure_poller()",
        "_esms:AccountRegionScopedDict",
        "_dynamodb_stream_positions:AccountRegionScopedDict",
        "get_state()",
    ),
    "services.scheduler": ("_SCHEDULE_TICK_INTERVAL:int",),
    "services.cloudformation": ("_stacks:AccountRegionScopedDict",),
}


class IncompatibleEmulatorError(Exception):
    """The installed emulator lacks something that the launcher mends; the message names it."""


def prepare_environment(state: Path, port: int) -> None:
    """Settings that MiniStack reads at import, and nothing of the caller's that would leak into Lambda functions."""
    for name in list(os.environ):
        # A PYTHONPATH or a profile of the developer would hide a layer or a permission that is missing.
        if name.startswith(("AWS_", "COMPTOIR_", "LAMBDA_")) or name in {"PYTHONPATH", "VIRTUAL_ENV"}:
            del os.environ[name]
    scratch = state / "tmp"
    os.environ.update(
        TMPDIR=str(scratch),
        GATEWAY_PORT=str(port),
        MINISTACK_REGION=REGION,
        BIND_HOST="127.0.0.1",
        PERSIST_STATE="1",
        STATE_DIR=str(state / "files"),
        S3_PERSIST="1",
        S3_DATA_DIR=str(state / "objects"),
        # Both listen on every interface by default, and nothing here uses them.
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        **CREDENTIALS,
        AWS_DEFAULT_REGION=REGION,
        AWS_REGION=REGION,
        AWS_EC2_METADATA_DISABLED="true",
    )
    tempfile.tempdir = str(scratch)


def load() -> SimpleNamespace:
    """MiniStack's modules by their last name (`dynamodb`, `app`…), every touched name verified."""
    modules = {path: importlib.import_module(f"ministack.{path}") for path in TOUCHED}
    missing = [
        f"ministack.{path}.{reason}"
        for path, names in TOUCHED.items()
        for name in names
        if (reason := _difference(modules[path], name))
    ]
    if missing:
        raise IncompatibleEmulatorError(
            f"MiniStack {version('ministack')} is not the release that infra/local was written for:\n  "
            + "\n  ".join(missing)
            + "\nInstall the pinned release (requirements-dev.txt), or adapt infra/local/emulator.py and its mends."
        )
    # The server imports services on first use; those are counted as loaded so that every snapshot has them.
    for path in TOUCHED:
        if path.startswith("services."):
            modules["app"]._get_module(path.removeprefix("services."))
    return SimpleNamespace(**{path.rpartition(".")[2]: module for path, module in modules.items()})


def _difference(module: Any, expected: str) -> str | None:
    text: str
    expected, _, text = expected.partition("~")
    name, bracket, parameters = expected.partition("(")
    name, _, kind = name.partition(":")
    value: Any = getattr(module, name, None)
    if value is None and not hasattr(module, name):
        return f"{name} is missing"
    if bracket and (found := _parameters(value)) != parameters.rstrip(")"):
        return f"{name} takes ({found}) instead of ({parameters}"
    if kind and not _is_a(value, kind):
        return f"{name} is a {type(value).__name__} instead of a {kind}"
    if text and text not in (value if isinstance(value, str) else inspect.getsource(value)):
        return f"{name} no longer contains {text!r}"
    return None


def _parameters(value: Any) -> str:
    return ", ".join(inspect.signature(value).parameters) if callable(value) else "not a function"


def _is_a(value: Any, kind: str) -> bool:
    if kind == "lock":
        return hasattr(value, "acquire") and hasattr(value, "release")
    return kind in {base.__name__ for base in type(value).__mro__} or (kind == "module" and inspect.ismodule(value))
