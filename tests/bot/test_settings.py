"""Settings: the table of the contract, secrets from files, and one line for each fault."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

TOKEN = "123456:ABC-def_1"
KEY = "k" * 44


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [n for n in os.environ if n.startswith("XIANGBAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def faults(**values: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(**values)
    return caught.value.faults


def test_without_anything_set_the_defaults_of_the_contract_hold(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.telegram_api == "https://api.telegram.org"
    assert settings.data_dir == Path("var")
    assert settings.database == f"sqlite:///{tmp_path / 'var' / 'xiangban.db'}"
    assert settings.health_listen is None
    assert settings.webhook_url is None


def test_a_bot_needs_a_token_and_keys() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings().for_run()
    names = [line.split(":")[0] for line in caught.value.faults]
    assert names == ["XIANGBAN_TELEGRAM_TOKEN", "XIANGBAN_SECRET_KEYS"]


def test_a_webhook_needs_its_secret() -> None:
    settings = load_settings(telegram_token=TOKEN, secret_keys=KEY, webhook_url="https://example.org/hook")
    with pytest.raises(SettingsError, match="XIANGBAN_WEBHOOK_SECRET"):
        settings.for_run()


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("XIANGBAN_DATA_DIR=from-file\nXIANGBAN_HEALTH_LISTEN=127.0.0.1:9\n")
    monkeypatch.setenv("XIANGBAN_DATA_DIR", "from-environment")
    settings = load_settings()
    assert settings.data_dir == Path("from-environment")
    assert settings.health_listen is not None
    assert settings.health_listen.port == 9


def test_where_to_listen_is_read_from_the_environment_as_it_is_written_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XIANGBAN_WEBHOOK_LISTEN", "0.0.0.0:8443")
    monkeypatch.setenv("XIANGBAN_HEALTH_LISTEN", ":8090")
    settings = load_settings()
    assert (settings.webhook_listen.host, settings.webhook_listen.port) == ("0.0.0.0", 8443)
    assert settings.health_listen is not None
    assert (settings.health_listen.host, settings.health_listen.port) == ("127.0.0.1", 8090)


def test_keys_may_stand_on_lines_or_between_commas_newest_first() -> None:
    assert load_settings(secret_keys=f"{KEY}1, {KEY}2\n{KEY}3").keys == (f"{KEY}1", f"{KEY}2", f"{KEY}3")


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANGBAN_WEBHOOK_URL", "")
    assert load_settings().webhook_url is None


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN + "\n")
    secret.chmod(0o600)
    monkeypatch.setenv("XIANGBAN_TELEGRAM_TOKEN_FILE", str(secret))
    assert load_settings().token == TOKEN


def test_a_secret_that_everybody_may_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o644)
    monkeypatch.setenv("XIANGBAN_TELEGRAM_TOKEN_FILE", str(secret))
    (fault,) = faults()
    assert fault.startswith("XIANGBAN_TELEGRAM_TOKEN_FILE: everybody may read")


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANGBAN_SECRET_KEYS_FILE", "/nowhere/keys")
    (fault,) = faults()
    assert fault.startswith("XIANGBAN_SECRET_KEYS_FILE: /nowhere/keys can't be read")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("telegram_token", "no token"),
        ("telegram_api", "api.telegram.org"),
        ("database_url", "mysql://x"),
        ("secret_keys", "short"),
        ("config", "/nowhere/county.toml"),
        ("webhook_url", "ftp://x"),
        ("webhook_secret", "with space"),
        ("health_listen", "8090"),
        ("health_listen", "127.0.0.1:99999"),
    ],
)
def test_a_wrong_value_gives_one_line_that_begins_with_its_name(key: str, value: str) -> None:
    (fault,) = faults(**{key: value})
    assert fault.startswith(f"XIANGBAN_{key.upper()}: ")
    assert "\n" not in fault


def test_no_fault_quotes_a_secret() -> None:
    for key in ("telegram_token", "secret_keys", "webhook_secret"):
        assert "hush hush" not in "".join(faults(**{key: "hush hush"}))


def test_a_misspelt_setting_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANGBAN_SECRET_KEY", KEY)
    (fault,) = faults()
    assert fault == "XIANGBAN_SECRET_KEY: no such setting; XIANGBAN_SECRET_KEYS is meant?"


def test_neither_print_nor_repr_of_the_settings_shows_a_secret() -> None:
    settings = Settings(telegram_token=TOKEN, secret_keys=KEY, database_url="postgresql://me:hush@host/db")  # type: ignore[arg-type]
    shown = f"{settings!r} {settings}"
    assert TOKEN not in shown
    assert KEY not in shown
    assert "hush" not in shown
