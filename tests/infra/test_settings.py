"""Settings are looked up, typed and checked, and everything that is wrong is told at once."""

from __future__ import annotations

from dataclasses import fields

import pytest

from infra.settings import Settings, SettingsError, cdk_context, load, project_version


def test_the_environment_wins_over_the_context_and_the_context_over_the_default() -> None:
    assert load({}, {}).throttle_rate == 50
    assert load({"throttle_rate": "60"}, {}).throttle_rate == 60
    assert load({"throttle_rate": 60}, {"COMPTOIR_INFRA_THROTTLE_RATE": "70"}).throttle_rate == 70


def test_cdk_json_holds_settings_that_can_be_used() -> None:
    settings = load(cdk_context(), {})
    assert (settings.region, settings.retention_years, settings.prefix) == ("eu-west-3", 10, "comptoir-prod")
    assert settings.version == project_version()


def test_everything_wrong_is_told_at_once() -> None:
    wrong = {
        "stage": "Prod!",
        "region": "us-east-1",
        "retention_years": 6,
        "log_retention_days": 42,
        "alarm_email": "nobody",
        "snap_start": "maybe",
        "memory_api": "much",
        "version": "one",
    }
    with pytest.raises(SettingsError) as caught:
        load(wrong, {})
    told = str(caught.value).splitlines()[1:]
    assert [line.strip().split(":")[0] for line in told] == [f.name for f in fields(Settings) if f.name in wrong]
    assert "retention_years: must be between 10 and 100 (got 6)" in str(caught.value)


def test_an_optional_setting_may_be_empty() -> None:
    settings = load({"alarm_email": "", "reserved_api": 0, "monthly_budget_usd": 0}, {})
    assert (settings.alarm_email, settings.reserved_api, settings.monthly_budget_usd) == ("", 0, 0)


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_documented(name: str) -> None:
    [field] = [field for field in fields(Settings) if field.name == name]
    assert field.metadata["doc"].endswith(".")
