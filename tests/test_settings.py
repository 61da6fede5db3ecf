"""Where settings come from, and what is said about one that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from factcheck import settings
from factcheck.errors import UsageError
from factcheck.model import Rule


def write(folder: Path, text: str) -> None:
    (folder / "factcheck.toml").write_text(text, encoding="utf-8")


def refusal(folder: Path, text: str) -> UsageError:
    """What `factcheck.toml` with this text is refused with."""
    write(folder, text)
    with pytest.raises(UsageError) as caught:
        settings.load(folder)
    return caught.value


def test_a_desk_without_a_file_has_the_defaults(desk: Path) -> None:
    found = settings.load(desk)
    assert found.database == "sqlite:///factcheck.db"
    assert (found.rule, found.reviews_per_claim) == (Rule.UNANIMOUS, 2)
    assert found.exports == desk / "exports"
    assert (found.label_studio_url, found.token()) == (None, None)


def test_a_flag_beats_the_environment_which_beats_the_file(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        desk,
        """
        desk = "from the file"
        database = "sqlite:///file.db"
        rule = "majority"
        label_studio_url = "http://file.example"
        """,
    )
    monkeypatch.setenv("FACTCHECK_DATABASE", "sqlite:///environment.db")
    monkeypatch.setenv("FACTCHECK_RULE", "strictest")
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://environment.example")
    found = settings.load(desk, database="sqlite:///flag.db", exports=None)
    assert found.database == "sqlite:///flag.db"
    assert found.rule is Rule.STRICTEST
    assert found.label_studio_url == "http://environment.example"
    assert found.desk == "from the file"
    assert found.exports == desk / "exports"


def test_the_commented_file_that_init_writes_shows_the_defaults(desk: Path) -> None:
    template = Path(__file__).parents[1] / "configs" / "factcheck.toml"
    settings_alone = [
        line.removeprefix("# ")
        for line in template.read_text(encoding="utf-8").splitlines()
        if " = " in line and not line.startswith("# label_studio")
    ]
    assert len(settings_alone) == 5
    defaults = settings.load(desk)
    write(desk, template.read_text(encoding="utf-8"))
    assert settings.load(desk).model_dump() == defaults.model_dump()
    write(desk, "\n".join(settings_alone))
    assert settings.load(desk).model_dump() == defaults.model_dump()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('rules = "majority"', "There is no setting rules. Did you mean rule?"),
        ("review_per_claim = 3", "Did you mean reviews_per_claim?"),
        ("xyzzy = 1", "There is no setting xyzzy."),
        ('[desk]\nname = "Mine"', "The setting desk can't be used"),
        ('rule = "loudest"', "The setting rule can't be used: Input should be 'unanimous'"),
        ("reviews_per_claim = 0", "The setting reviews_per_claim can't be used"),
        ("reviews_per_claim = 21", "The setting reviews_per_claim can't be used"),
        ('desk = "D"', "The setting desk can't be used"),
        ('label_studio_url = "localhost:8080"', "must start with http:// or https://"),
        ("rule = majority", "is not valid TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(desk: Path, text: str, told: str) -> None:
    error = refusal(desk, text)
    assert told in error.message
    assert error.hint
    assert "factcheck.toml" in error.message + error.hint


def test_every_setting_that_cannot_be_used_is_named_at_once(desk: Path) -> None:
    error = refusal(desk, 'rule = "loudest"\nreviews_per_claim = 0\nrulez = 1')
    assert all(name in error.message for name in ("rule ", "reviews_per_claim", "rulez"))


def test_a_file_that_is_not_utf_8_is_refused(desk: Path) -> None:
    (desk / "factcheck.toml").write_bytes('desk = "Santé"'.encode("latin-1"))
    with pytest.raises(UsageError, match=r"factcheck\.toml is not valid TOML"):
        settings.load(desk)


def test_a_value_in_the_environment_that_cannot_be_used_is_named(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTCHECK_REVIEWS_PER_CLAIM", "many")
    with pytest.raises(UsageError, match="reviews_per_claim"):
        settings.load(desk)


@pytest.mark.parametrize("name", ["label_studio_api_key", "LABEL_STUDIO_API_KEY"])
def test_a_token_in_the_file_is_refused_and_not_repeated(desk: Path, name: str) -> None:
    error = refusal(desk, f'{name} = "s3cret"')
    assert "s3cret" not in f"{error.message} {error.hint}"
    assert "LABEL_STUDIO_API_KEY" in str(error.hint)


def test_a_token_comes_from_the_environment_and_is_never_shown(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", " s3cret\n")
    found = settings.load(desk)
    assert found.token() == "s3cret"
    assert "s3cret" not in repr(found)
    assert "s3cret" not in found.model_dump_json()


def test_a_token_comes_from_a_file_of_its_own(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(desk, 'label_studio_api_key_file = "token"')
    (desk / "token").write_text("from the file\n", encoding="utf-8")
    assert settings.load(desk).token() == "from the file"
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "from the environment")
    assert settings.load(desk).token() == "from the environment"


def test_a_token_file_that_is_not_there_is_named(desk: Path) -> None:
    write(desk, 'label_studio_api_key_file = "token"')
    with pytest.raises(UsageError, match=r"The token file .*token can't be read"):
        settings.load(desk).token()


def test_a_variable_that_is_nearly_a_setting_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTCHECK_RULEZ", "majority")
    with pytest.raises(UsageError, match=r"FACTCHECK_RULEZ.*Did you mean FACTCHECK_RULE\?"):
        settings.load(tmp_path)


def test_a_prefix_too_many_before_label_studios_own_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTCHECK_LABEL_STUDIO_URL", "http://localhost:8080")
    with pytest.raises(UsageError, match=r"Did you mean"):
        settings.load(tmp_path)


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "factcheck.toml").mkdir()
    with pytest.raises(UsageError, match="can't be read"):
        settings.load(tmp_path)
