"""Production refuses what only a demonstration may do, and says what to do instead.

Number 25 of docs/security.md's table of tests.
"""

import pytest

from tests.security import production

SERVE = "import config.asgi"
WORK = ("-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "solo", "-Q", "none")


def test_the_deploy_check_finds_nothing(tmp_path):
    said = production.python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        environment=production.environment(tmp_path),
    )
    assert said.returncode == 0, said.stderr


def test_a_complete_site_is_served(tmp_path):
    said = production.python("-c", SERVE, environment=production.environment(tmp_path))
    assert said.returncode == 0, said.stderr


def test_the_deploy_check_warns_of_operators_with_a_password_alone(tmp_path):
    said = production.python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        environment=production.environment(tmp_path, COUNTERSIGN_OPERATOR_SECOND_FACTOR="0"),
    )
    assert said.returncode != 0 and "countersign.W007" in said.stderr


@pytest.mark.parametrize(
    ("changes", "what", "remedy"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set", "docs/deploying.md"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set", "docs/deploying.md"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set", "docs/deploying.md"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short", "openssl rand"),
        ({"SECRET_KEY": "a" * 60}, "too simple", "openssl rand"),
        (
            {"SECRET_KEY": "django-insecure-9x!Hq2#Lw8@Vt5$Kz0^Bm7&Rc3*Yd6(Pf1)J"},
            "copied from an example",
            "openssl rand",
        ),
        ({"DEBUG": "1"}, "DEBUG is on", "Take DEBUG out"),
        ({"BASE_URL": "http://countersign.example.org"}, "not an https", "Set BASE_URL"),
        ({"BASE_URL": ""}, "not an https", "Set BASE_URL"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS does not name", "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS does not name", "Set ALLOWED_HOSTS"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_web_does_not_start_and_says_why(tmp_path, changes, what, remedy):
    said = production.python("-c", SERVE, environment=production.environment(tmp_path, **changes))
    assert said.returncode != 0
    assert what in said.stderr and remedy in said.stderr


def test_neither_web_nor_worker_start_without_the_master_key(tmp_path):
    environment = production.environment(tmp_path)
    (tmp_path / "keys" / "master.key").unlink()
    for command in (("-c", SERVE), WORK):
        said = production.python(*command, environment=environment)
        assert said.returncode != 0
        assert "master.key is missing" in said.stderr and "manage.py create_keys" in said.stderr
    assert not (tmp_path / "keys" / "master.key").exists(), "none comes by itself"


def test_the_folder_of_a_demonstration_is_not_served(tmp_path):
    environment = production.environment(tmp_path)
    (tmp_path / "demo.json").write_text("{}")
    said = production.python("-c", SERVE, environment=environment)
    assert said.returncode != 0 and "folder of a demonstration" in said.stderr


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    environment = production.environment(tmp_path, SECRET_KEY="short", BASE_URL="", DEBUG="1")
    said = production.python("-c", SERVE, environment=environment)
    for what in ("DEBUG is on", "SECRET_KEY is too short", "BASE_URL is not an https"):
        assert what in said.stderr
    assert "short\n" not in said.stderr, "a secret is not repeated"
