"""Settings: one typed object from ``REELROOM_*`` (and ``DATABASE_URL``, ``REDIS_URL``), the same for every process."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.errors import Invalid

SHORTEST_SECRET = 32


def _absolute(value: Any) -> Any:
    return Path(value).expanduser().absolute() if isinstance(value, str | Path) else value


def _media_folder(given: dict[str, Any]) -> str:
    return (given["data_folder"] / "media").as_uri() if "data_folder" in given else ""


Folder = Annotated[Path, BeforeValidator(_absolute)]


class Settings(BaseSettings):
    """Everything that can be set; an empty environment gives the embedded installation in ``.reelroom``."""

    model_config = SettingsConfigDict(
        env_prefix="REELROOM_", env_ignore_empty=True, populate_by_name=True, extra="ignore", frozen=True
    )

    data_folder: Folder = Field(
        default=Path(".reelroom"),
        validate_default=True,
        description="Folder of the embedded services, the media store, logs and the generated secret.",
    )
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices("REELROOM_DATABASE_URL", "DATABASE_URL"),
        description="PostgreSQL 18 to use, as postgresql://…; empty: `up` starts an embedded one.",
        repr=False,
    )
    redis_url: str = Field(
        default="",
        validation_alias=AliasChoices("REELROOM_REDIS_URL", "REDIS_URL"),
        description="Valkey or Redis to use, as redis://…; empty: `up` starts an embedded one.",
        repr=False,
    )
    storage_url: str = Field(
        default_factory=_media_folder,
        description="Where media is kept: file:///folder or s3://bucket/prefix?endpoint=…; "
        "empty: the folder `media` in the data folder.",
        repr=False,
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs links and tokens, at least 32 characters, the same for every process; "
        "empty: generated once into the data folder.",
    )
    encryption_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys that encrypt what is stored of providers' keys, each at least 32 characters, separated by "
        "commas, newest first, the same for every process; empty: one is generated once into the data folder.",
    )
    environment: Literal["local", "test", "production"] = Field(
        default="local", description="local, test or production; production insists on keys from outside."
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8400, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str = Field(
        default="", description="Address people type, as https://reelroom.example; empty: built from host and port."
    )
    secure_cookies: bool | None = Field(
        default=None, description="Send cookies over TLS only; empty: yes when the public URL is https."
    )
    trusted_proxies: str = Field(
        default="", description="Addresses, separated by commas, whose X-Forwarded-For header is believed."
    )
    session_days: int = Field(default=30, ge=1, le=365, description="Days after which an unused session ends.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token that /metrics asks for; empty: /metrics answers this host only.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe messages that are logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="console for people, json (one object a line) for log collectors."
    )
    backends: str = Field(
        default="",
        description="Video backends beside the animatic, as a TOML or JSON table by name; empty: none.",
        repr=False,
    )
    text_models: str = Field(
        default="",
        description="Text models, as a TOML or JSON table by name, asked in its order; empty: none, and nothing that "
        "needs one is offered.",
        repr=False,
    )
    failpoints: str = Field(
        default="", description="Folder whose files arm places where a process dies, for trials; empty: none."
    )
    postgres_bin: str = Field(
        default="", description="Folder of PostgreSQL 18 programs (initdb, postgres, pg_dump); empty: the bundled ones."
    )
    valkey_bin: str = Field(default="", description="valkey-server or redis-server program; empty: the bundled one.")
    web_workers: int = Field(default=1, ge=1, le=64, description="Web server processes.")
    io_concurrency: int = Field(
        default=32, ge=1, le=256, description="Threads of the worker that talks to backends (queue io); they wait."
    )
    media_concurrency: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Processes of the worker that renders (queue media); 0: as many as cores.",
    )
    script_limit_kb: int = Field(default=2048, ge=16, description="Largest script accepted, in KiB.")
    room_limit_kb: int = Field(
        default=8192,
        ge=64,
        description="Most that the changes of a shared text may amount to, and the largest single one, in KiB.",
    )
    upload_limit_mb: int = Field(default=2048, ge=1, description="Largest take or reference upload accepted, in MiB.")
    body_limit_mb: int = Field(
        default=8, ge=1, description="Largest body of any request that is not an upload, in MiB."
    )
    take_limit_seconds: int = Field(default=600, ge=15, description="Longest take accepted, in seconds.")
    min_free_mb: int = Field(
        default=512, ge=0, description="Free disk, in MiB, below which renders wait and `up` refuses to start."
    )

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy's asyncpg driver takes it; raises ``Invalid`` when none is configured."""
        if not self.database_url:
            raise Invalid("core.no_database", "No database is configured: set DATABASE_URL, or run `reelroom up`.")
        _scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+asyncpg://{rest.replace('sslmode=', 'ssl=')}"

    @property
    def base_url(self) -> str:
        """The address people type, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104  # recognised, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies go over TLS only."""
        return self.base_url.startswith("https://") if self.secure_cookies is None else self.secure_cookies

    @property
    def media_processes(self) -> int:
        """How many processes the media worker runs."""
        return self.media_concurrency or os.cpu_count() or 2

    @property
    def signing_key(self) -> bytes:
        """The key that signs links and tokens; generated once (mode 0600) in an embedded installation.

        Raises ``Invalid`` when production has none, or one that is too short.
        """
        given = self.secret_key.get_secret_value()
        if given:
            if len(given) < SHORTEST_SECRET:
                raise Invalid(
                    "core.short_secret", "REELROOM_SECRET_KEY is shorter than 32 characters: make a longer one."
                )
            return given.encode()
        if self.environment == "production":
            raise Invalid(
                "core.no_secret", "Production needs REELROOM_SECRET_KEY: 32 characters or more, kept for good."
            )
        return _kept_secret(self.data_folder / "secret.key")

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """The keys that stored secrets are encrypted with, newest first; generated once in an embedded installation.

        Raises ``Invalid`` when production has none, or one is too short.
        """
        given = self.encryption_keys.get_secret_value().replace(",", " ").split()
        if any(len(key) < SHORTEST_SECRET for key in given):
            raise Invalid(
                "core.short_encryption_key",
                "One of REELROOM_ENCRYPTION_KEYS is shorter than 32 characters: make a longer one.",
            )
        if not given and self.environment == "production":
            raise Invalid(
                "core.no_encryption_key",
                "To keep providers' keys, production needs REELROOM_ENCRYPTION_KEYS: 32 characters or more, kept for "
                "good.",
            )
        return tuple(given) or (_kept_secret(self.data_folder / "encryption.key").decode(),)


def _kept_secret(path: Path) -> bytes:
    """Return the secret in ``path``, made on first use; two processes racing agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_urlsafe(48).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # somebody else was first: theirs holds
        finally:
            fresh.unlink()
    return path.read_bytes()


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read once; raises ``Invalid`` naming each setting that is wrong."""
    return read_settings()


def read_settings(**given: Any) -> Settings:
    """Read the settings anew, with what is ``given`` (by field) put over the environment; raises ``Invalid``."""
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(str(e['loc'][0]))}: {e['msg']}" for e in error.errors() if e["loc"])
        raise Invalid("core.bad_setting", f"A setting cannot be read. {wrong}.") from error


def _variable(name: str) -> str:
    return name if name.isupper() else f"REELROOM_{name.upper()}"
