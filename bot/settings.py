"""The settings of a running bot: environment variables XIANGBAN_*, a .env file, *_FILE for secrets."""

import difflib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "XIANGBAN_"
TELEGRAM = "https://api.telegram.org"
SHORTEST_KEY = 32  # characters; urlsafe base64 of 32 random bytes has 44
SECRETS = frozenset({"telegram_token", "secret_keys", "webhook_secret", "database_url"})


class SettingsError(ValueError):
    """A setting is wrong or missing; every fault is one line that begins with the setting's name."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Listen(BaseModel):
    """Where something listens; written ``host:port``, ``[::1]:port`` or ``:port`` (loopback)."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int = Field(ge=0, le=65535)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        host, colon, port = value.rpartition(":")
        if not colon or not port.isdigit():
            raise ValueError("write it as host:port, for example 127.0.0.1:8090")
        return {"host": host.strip("[]") or "127.0.0.1", "port": int(port)}


class Settings(BaseSettings):
    """What an operator sets. Secrets are `SecretStr`, so that no log and no traceback shows them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True,
        extra="ignore", frozen=True, hide_input_in_errors=True,
    )  # fmt: skip

    telegram_token: SecretStr | None = None
    telegram_api: str = TELEGRAM
    database_url: SecretStr | None = None
    data_dir: Path = Path("var")
    secret_keys: SecretStr | None = None
    config: Path | None = None
    forms_dir: Path | None = None
    documents_dir: Path | None = None
    webhook_url: str | None = None
    webhook_listen: Annotated[Listen, NoDecode] = Listen(host="127.0.0.1", port=8443)
    webhook_secret: SecretStr | None = None
    health_listen: Annotated[Listen | None, NoDecode] = None

    @field_validator("telegram_token")
    @classmethod
    def _token_as_botfather_gives_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value()):
            raise ValueError("a token looks like 123456:ABC-DEF, as BotFather gives it")
        return value

    @field_validator("telegram_api", "webhook_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write an address such as https://example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _a_known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("sqlite:///", "postgresql://")):
            raise ValueError("sqlite:///path or postgresql://user@host/database")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _long_keys(cls, value: SecretStr | None) -> SecretStr | None:
        keys = _split(value)
        short = [str(n) for n, key in enumerate(keys, 1) if len(key) < SHORTEST_KEY]
        if value is not None and (short or not keys):
            raise ValueError(f"key {', '.join(short) or '1'} is shorter than {SHORTEST_KEY} characters")
        return value

    @field_validator("config", "forms_dir", "documents_dir")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.exists():
            raise ValueError(f"{value} does not exist")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret_that_telegram_takes(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("1 to 256 of A-Z, a-z, 0-9, _ and -")
        return value

    @property
    def database(self) -> str:
        """The database's URL; by default a file in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'xiangban.db'}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys for the encrypted columns, newest first."""
        return _split(self.secret_keys)

    @property
    def token(self) -> str:
        """The bot's token, "" where none is set."""
        return self.telegram_token.get_secret_value() if self.telegram_token else ""

    def for_run(self) -> "Settings":
        """These settings if a bot can run by them; otherwise SettingsError."""
        needed = [
            ("telegram_token", "the bot's token"),
            ("secret_keys", "the keys for the encrypted columns"),
        ]
        if self.webhook_url is not None:
            needed.append(("webhook_secret", "needed with a webhook, 1 to 256 of A-Z, a-z, 0-9, _ and -"))
        missing = [f"{_named(f)}: missing; {why}" for f, why in needed if getattr(self, f) is None]
        if missing:
            raise SettingsError(missing)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, _Files(settings_cls)


class _Files(PydanticBaseSettingsSource):
    """Values read from the files that XIANGBAN_<KEY>_FILE names."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = _environment(self.config.get("env_file")).get(f"{_named(field_name)}_FILE")
        return (_read(field_name, Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in found.items() if value is not None}


def load_settings(**overrides: Any) -> Settings:
    """The settings as the environment gives them; ``overrides`` win. Raises SettingsError."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError([_fault(one) for one in error.errors()]) from None
    misspelt = _misspelt(_environment(".env"))
    if misspelt:
        raise SettingsError(misspelt)
    return settings


def _fault(error: Mapping[str, Any]) -> str:
    name = _named(str(error["loc"][0])) if error["loc"] else PREFIX
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"


def _misspelt(environment: Mapping[str, str]) -> list[str]:
    known = [_named(f) for f in Settings.model_fields]
    known += [f"{name}_FILE" for name in known]
    strange = [key for key in environment if key.startswith(PREFIX) and key not in known]
    near = {key: difflib.get_close_matches(key, known, n=1, cutoff=0.9) for key in strange}
    return [f"{key}: no such setting; {match[0]} is meant?" for key, match in near.items() if match]


def _environment(env_file: Any) -> dict[str, str]:
    from_file = dotenv_values(env_file) if env_file and Path(str(env_file)).is_file() else {}
    return {k.upper(): v for k, v in {**from_file, **os.environ}.items() if v}


def _read(field: str, path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{_named(field)}_FILE: {path} can't be read: {_reason(error)}"]) from None
    if field in SECRETS and mode & stat.S_IROTH:
        raise SettingsError([f"{_named(field)}_FILE: everybody may read {path}; chmod o-r it"])
    return text


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or "it is not UTF-8 text")


def _named(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _split(value: SecretStr | None) -> tuple[str, ...]:
    return tuple(re.split(r"[,\s]+", value.get_secret_value().strip(" ,\t\r\n"))) if value else ()
