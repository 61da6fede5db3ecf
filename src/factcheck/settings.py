"""The desk's settings: a flag beats the environment, the environment beats the file.

The file is `factcheck.toml` in the desk's folder. Tokens never stand in it: they come
from the environment or from a file of their own.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from factcheck.errors import UsageError
from factcheck.model import Rule

FILE_NAME = "factcheck.toml"

# Label Studio's own SDK names these two; the prefix is left out for them.
_NAMED_BY_LABEL_STUDIO = ("label_studio_url", "label_studio_api_key")
# What other parts of factcheck read.
_OTHER_VARIABLES = ("FACTCHECK_FOLDER", "FACTCHECK_EDITOR", "FACTCHECK_CACHE")


class Settings(BaseSettings):
    """What a desk can set. `load` makes one; relative paths are below the desk's folder."""

    model_config = SettingsConfigDict(env_prefix="FACTCHECK_", extra="forbid", frozen=True)

    desk: str = Field(default="Health desk", min_length=3, max_length=50)
    database: str = "sqlite:///factcheck.db"
    exports: Path = Path("exports")
    reviews_per_claim: int = Field(default=2, ge=1, le=20)
    rule: Rule = Rule.UNANIMOUS
    label_studio_url: str | None = Field(default=None, validation_alias="label_studio_url")
    label_studio_api_key: SecretStr | None = Field(
        default=None, validation_alias="label_studio_api_key"
    )
    label_studio_api_key_file: Path | None = None

    @field_validator("label_studio_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/") if url else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def token(self) -> str | None:
        """The Label Studio token from the environment or its file, None where there is none."""
        if self.label_studio_api_key is not None:
            return self.label_studio_api_key.get_secret_value().strip()
        if self.label_studio_api_key_file is None:
            return None
        try:
            return self.label_studio_api_key_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The token file {self.label_studio_api_key_file} can't be read: {error}.",
                hint="Put the token alone into that file, or set LABEL_STUDIO_API_KEY.",
            ) from error


def load(folder: Path, **flags: Any) -> Settings:
    """The settings of the desk in `folder`; a flag that is None counts as not given.

    Raises UsageError for a file that is no TOML, an unknown setting or a value out of range.
    """
    file = folder / FILE_NAME

    class Here(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    _refuse_misspelt()
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        if file.exists():
            _refuse_token(file)
        settings = Here(**given)
    except OSError as error:
        raise UsageError(
            f"{file} can't be read: {error.strerror}.",
            hint="It has to be a text file; `factcheck init` in a new folder writes one.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is not valid TOML: {error}.",
            hint="Mend that line, or compare with a fresh file: `factcheck init` in a new folder.",
        ) from error
    except ValidationError as error:
        told = [
            _told(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()
        ]
        raise UsageError(
            "\n".join(told),
            hint=f"Settings come from flags, the environment (FACTCHECK_…) and {file}.",
        ) from error
    return settings.model_copy(
        update={
            "exports": folder / settings.exports,
            "label_studio_api_key_file": settings.label_studio_api_key_file
            and folder / settings.label_studio_api_key_file.expanduser(),
        }
    )


def _refuse_token(file: Path) -> None:
    names = tomllib.loads(file.read_text(encoding="utf-8"))
    if "label_studio_api_key" in map(str.lower, names):  # the settings ignore case, too
        raise UsageError(
            f"{file} holds label_studio_api_key, and a token must not stand in a shared file.",
            hint="Put it into the environment (LABEL_STUDIO_API_KEY), or into a file of its own "
            "that label_studio_api_key_file names.",
        )


def _refuse_misspelt() -> None:
    """A variable that is nearly a setting's name would be passed over without a word."""
    variables = {
        field.upper(): field.upper()
        if field in _NAMED_BY_LABEL_STUDIO
        else f"FACTCHECK_{field.upper()}"
        for field in Settings.model_fields
    }
    for given in sorted(name for name in os.environ if name.startswith("FACTCHECK_")):
        if given in variables.values() or given in _OTHER_VARIABLES:
            continue
        name = given.removeprefix("FACTCHECK_")
        for near in difflib.get_close_matches(name, variables, n=1, cutoff=0.75):
            raise UsageError(
                f"The environment has {given}, which is no setting. "
                f"Did you mean {variables[near]}?",
                hint=f"Rename it, or remove it: unset {given}",
            )


def _told(where: tuple[int | str, ...], problem: str, message: str) -> str:
    name = str(where[0]) if where else "settings"
    if problem != "extra_forbidden":
        return f"The setting {name} can't be used: {message.removeprefix('Value error, ')}."
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    return f"There is no setting {name}." + (f" Did you mean {near[0]}?" if near else "")
