"""A webhook's secret is rotated where the config has it; every other byte stays."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.signing import parse_secret
from worker.config.errors import ConfigError
from worker.config.load import load
from worker.config.rotation import rotate
from worker.config.secret_text import with_newer, with_newest_alone

if TYPE_CHECKING:
    from pathlib import Path

NEW, OLD, OLDER = ("whsec_" + letter * 32 for letter in "NOP")
HEAD = '# who is called\n[[webhooks]] # the desk\nname = "desk"\nurl = "https://desk.example/hook"\n'
TAIL = "min_score = 0.5  # sure ones\n\n# feeds follow\n"


@pytest.mark.parametrize(
    ("before", "after", "alone"),
    [
        (f'secret = "{OLD}" # since May', f'secret = ["{NEW}", "{OLD}"] # since May', f'secret = "{NEW}" # since May'),
        (f"secret='{OLD}'", f'secret=["{NEW}", "{OLD}"]', f'secret="{NEW}"'),
        (f'secret = "{OLD} {OLDER}"', f'secret = ["{NEW}", "{OLD}", "{OLDER}"]', f'secret = "{NEW}"'),
        (f'secret = """\n{OLD}\n{OLDER}"""', f'secret = ["{NEW}", "{OLD}", "{OLDER}"]', f'secret = "{NEW}"'),
        (f'secret = ["{OLD}", "{OLDER}"]', f'secret = ["{NEW}", "{OLD}", "{OLDER}"]', f'secret = "{NEW}"'),
        (
            f'secret = [ # newest [1] first\n  "{OLD}", # May\n  "{OLDER}",\n] # end',
            f'secret = [ # newest [1] first\n  "{NEW}",\n  "{OLD}", # May\n  "{OLDER}",\n] # end',
            f'secret = "{NEW}" # end',
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_secret_changes(before: str, after: str, alone: str, end: str) -> None:
    text = f"{HEAD}{before}\n{TAIL}".replace("\n", end)
    rotated = with_newer(text, 0, NEW)
    assert rotated == f"{HEAD}{after}\n{TAIL}".replace("\n", end)
    assert with_newest_alone(rotated, 0) == f"{HEAD}{alone}\n{TAIL}".replace("\n", end)


def test_a_secret_that_several_webhooks_share_changes_for_the_one_that_is_named() -> None:
    one = f'[[webhooks]]\nname = "a"\nsecret = "{OLD}"\n[[webhooks]]\nname = "b"\n# was "{OLD}"\nsecret = "{OLD}"\n'
    rotated = tomllib.loads(with_newer(one, 1, NEW))["webhooks"]
    assert [hook["secret"] for hook in rotated] == [OLD, [NEW, OLD]]
    inline = f'webhooks = [{{ name = "a", secret = "{OLD}" }}, {{ secret = ["{OLD}"], name = "b" }}] # two\n'
    assert with_newer(inline, 1, NEW) == inline.replace(f'["{OLD}"]', f'["{NEW}", "{OLD}"]')
    assert with_newest_alone(with_newer(inline, 0, NEW), 0) == inline.replace(f'"{OLD}" }},', f'"{NEW}" }},')


remarks = st.sampled_from(["", "# a remark", '# "quoted"', "# [x", "# ]", "  ", f"# {OLD}"])


@given(st.lists(remarks, max_size=3), st.lists(remarks, max_size=3), st.integers(1, 3), st.booleans())
def test_however_it_is_laid_out_it_says_the_same_but_for_the_secret(
    above: list[str], inside: list[str], many: int, multi_line: bool
) -> None:
    secrets = [f"whsec_{letter * 32}" for letter in "ABC"[:many]]
    gap = "\n".join(["", *inside, ""]) if multi_line else " "
    value = f"[{gap}" + f",{gap}".join(f'"{s}"' for s in secrets) + f"{gap}]" if many > 1 else f'"{secrets[0]}"'
    text = "\n".join([*above, "[[webhooks]]", f"secret = {value}", *above, f'name = "{OLD}"', ""])
    rotated = with_newer(text, 0, NEW)
    assert tomllib.loads(rotated) == {"webhooks": [{"secret": [NEW, *secrets], "name": OLD}]}
    alone = with_newest_alone(rotated, 0)
    assert tomllib.loads(alone) == {"webhooks": [{"secret": NEW, "name": OLD}]}


def config(folder: Path, secret: str) -> Path:
    path = folder / "seedwire.toml"
    path.write_text(f"{HEAD}{secret}\n{TAIL}")
    return path


def test_the_config_file_is_changed(tmp_path: Path) -> None:
    path = config(tmp_path, f'secret = "{OLD}"')
    path.chmod(0o640)
    done = rotate(path, {}, "desk")
    assert done.secret
    assert done.written == path
    assert load(path, {}).webhooks[0].secrets == (parse_secret(done.secret), parse_secret(OLD))
    assert path.stat().st_mode & 0o777 == 0o640
    assert done.secret not in repr(done)
    rotate(path, {}, "desk", drop_old=True)
    assert path.read_text() == f'{HEAD}secret = "{done.secret}"\n{TAIL}'
    with pytest.raises(ConfigError, match="has one secret only"):
        rotate(path, {}, "desk", drop_old=True)
    with pytest.raises(ConfigError, match='no webhook is called "dusk"'):
        rotate(path, {}, "dusk")


def test_a_secret_file_is_changed_the_newest_first(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    file = tmp_path / "secrets" / "desk"
    file.write_text(f"{OLD}\n{OLDER}")
    file.chmod(0o600)
    path = config(tmp_path, 'secret_file = "secrets/desk"')
    done = rotate(path, {}, "desk")
    assert done.written == file
    assert file.read_text() == f"{done.secret}\n{OLD}\n{OLDER}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in file.parent.iterdir()) == ["desk"]
    rotate(path, {}, "desk", drop_old=True)
    assert file.read_text() == f"{done.secret}\n"
    for _ in range(9):
        rotate(path, {}, "desk")
    full = file.read_text()
    with pytest.raises(ConfigError, match="nothing was written, since then: more than ten secrets"):
        rotate(path, {}, "desk")
    assert file.read_text() == full


@pytest.mark.parametrize(
    ("secret", "to_do", "dropping"),
    [
        (
            'secret_env = "DESK"',
            'set DESK="{new} $DESK" (the new one first, then those there are) and restart',
            "set DESK to the first of its secrets alone and restart",
        ),
        (
            'secret_env = ["DESK", "OLD"]',
            "put it into a variable of its own and name that first in secret_env",
            'leave only "DESK" in secret_env',
        ),
        (
            'secret_file = ["new", "old"]',
            "put it into a file of its own and name that first in secret_file",
            'leave only "new" in secret_file',
        ),
    ],
)
def test_what_no_command_can_change_is_left_to_a_person(tmp_path: Path, secret: str, to_do: str, dropping: str) -> None:
    (tmp_path / "new").write_text(OLD)
    (tmp_path / "old").write_text(OLDER)
    env = {"DESK": f"{OLD} {OLDER}" if secret.endswith('DESK"') else OLD, "OLD": OLDER}
    path = config(tmp_path, secret)
    before = path.read_text()
    done = rotate(path, env, "desk")
    assert done.secret
    assert (done.written, done.to_do) == (None, to_do.format(new=done.secret))
    assert rotate(path, env, "desk", drop_old=True).to_do == dropping
    assert path.read_text() == before
