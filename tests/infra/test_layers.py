"""Layers: the locked requirements, what is missing, what is foreign, and the local layers themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.layers import check
from infra.layers.build import build, pinned
from infra.layers.target import AWS, LOCAL, SOURCES, USED, VENDORS
from infra.settings import ROOT


def _package(folder: Path, name: str, version: str, *requires: str) -> None:
    information = folder / f"{name}-{version}.dist-info"
    information.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    (information / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")


def test_a_layer_that_lacks_a_requirement_is_not_complete(tmp_path: Path) -> None:
    _package(tmp_path, "one", "1.0", "two>=2", "three")
    _package(tmp_path, "two", "1.5")
    assert check.missing([tmp_path], LOCAL) == [
        "one needs three, which is absent",
        "one needs two>=2, the layers have 1.5",
    ]


def test_requirements_of_extras_other_targets_and_the_runtime_are_not_missing(tmp_path: Path) -> None:
    _package(
        tmp_path,
        "one",
        "1.0",
        "boto3>=1",
        'two; extra == "more"',
        'three; sys_platform == "win32"',
        'four; python_version < "3.13"',
    )
    assert check.missing([tmp_path], AWS) == []
    _package(tmp_path, "five", "1.0", 'six-seven; platform_machine == "aarch64"')
    assert check.missing([tmp_path], AWS) == ['five needs six-seven; platform_machine == "aarch64", which is absent']


@pytest.mark.parametrize(
    ("name", "machine", "accepted"),
    [
        ("a.cpython-313-aarch64-linux-gnu.so", 0xB7, True),
        ("a.abi3.so", 0xB7, True),
        ("liba.so.1", 0xB7, True),
        ("a.cpython-313-aarch64-linux-gnu.so", 0x3E, False),
        ("a.cpython-311-aarch64-linux-gnu.so", 0xB7, False),
    ],
)
def test_an_extension_for_another_processor_or_python_is_foreign(
    tmp_path: Path, name: str, machine: int, accepted: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little"))
    assert check.foreign([tmp_path], AWS) == ([] if accepted else [path])


@pytest.mark.parametrize("vendor", VENDORS)
def test_requirements_are_locked_with_hashes_and_without_addresses(vendor: str) -> None:
    text = (SOURCES / vendor / "requirements.txt").read_text("utf-8")
    assert "python -m infra.layers lock" in text.splitlines()[0]
    assert "://" not in text
    for entry in pinned(SOURCES / vendor / "requirements.txt").values():
        assert re.fullmatch(r"[a-z0-9-]+==\S+( --hash=sha256:[0-9a-f]{64})+", entry)


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_asked_for_is_what_is_locked(vendor: str) -> None:
    asked = (SOURCES / vendor / "requirements.in").read_text("utf-8").splitlines()
    locked = {entry.split(" ")[0] for entry in pinned(SOURCES / vendor / "requirements.txt").values()}
    assert {line for line in asked if "==" in line} <= locked


@pytest.fixture(scope="module")
def local_layers() -> dict[str, Path]:
    return build(LOCAL)


@pytest.mark.parametrize("function", USED)
def test_the_layers_of_a_function_are_complete_and_small_enough(local_layers: dict[str, Path], function: str) -> None:
    layers = [local_layers[name] for name in USED[function]]
    libraries = [layer / "python" for layer in layers]
    assert check.missing(libraries, LOCAL) == []
    assert check.foreign(libraries, LOCAL) == []
    assert check.size([ROOT / "functions" / function, *layers]) <= check.LAMBDA_LIMIT


@pytest.mark.parametrize("function", USED)
def test_a_function_imports_with_its_layers_alone(local_layers: dict[str, Path], function: str) -> None:
    libraries = [local_layers[name] / "python" for name in USED[function]]
    assert check.import_failure(ROOT / "functions" / function, libraries) == ""


def test_light_functions_can_not_import_what_makes_documents(local_layers: dict[str, Path], tmp_path: Path) -> None:
    function = tmp_path / "light"
    function.mkdir()
    (function / "app.py").write_text("import fpdf\n\n\ndef handler(event, context): ...\n", "utf-8")
    libraries = [local_layers[name] / "python" for name in USED["api"]]
    assert "No module named 'fpdf'" in check.import_failure(function, libraries)


def test_an_unchanged_layer_is_not_built_again(local_layers: dict[str, Path]) -> None:
    marks = {name: (local_layers[name] / "python").stat().st_mtime_ns for name in VENDORS}
    again = build(LOCAL)
    assert {name: (again[name] / "python").stat().st_mtime_ns for name in VENDORS} == marks


def test_layers_ship_bytecode_that_is_never_checked_and_no_tests(local_layers: dict[str, Path]) -> None:
    for folder in local_layers.values():
        compiled = list((folder / "python").rglob("*.pyc"))
        assert compiled
        # PEP 552: flags 1 = hash-based, not checked against the source.
        assert {path.read_bytes()[4:8] for path in compiled} == {b"\x01\0\0\0"}
        assert not [path for path in folder.rglob("tests") if path.is_dir()]
