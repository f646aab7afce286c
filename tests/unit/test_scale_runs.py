"""The figures of `tests/scale` still run, on sizes that say nothing; no time and no figure is asserted."""

from __future__ import annotations

import pytest

from tests.scale.__main__ import FIGURES
from tests.scale.report import ROOT, run


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_printed(name: str) -> None:
    ended = run(["-m", "tests.scale", name, "--tiny"])
    assert ended.returncode == 0, ended.stderr
    assert "\n-----" in ended.stdout


def test_an_unknown_figure_is_told() -> None:
    ended = run(["-m", "tests.scale", "unheard-of"])
    assert ended.returncode == 2
    assert "unheard-of" in ended.stderr


def test_the_figures_are_no_tests() -> None:
    assert not list((ROOT / "tests" / "scale").glob("test_*.py"))
