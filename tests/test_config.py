"""Settings: every mistake is named at once, and what depends on the base URL follows from it."""

import pytest

from mukiau import config


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MUKIAU_BASE_URL", "tools.example.com"),
        ("MUKIAU_BASE_URL", "ftp://tools.example.com"),
        ("MUKIAU_BASE_URL", "https://"),
        ("MUKIAU_BASE_URL", "https://tools.example.com/mukiau?a=1"),
        ("MUKIAU_BASE_URL", "https://somebody@tools.example.com"),
        ("MUKIAU_BASE_URL", "https://tools.example.com/<mukiau>"),
        ("MUKIAU_BASE_URL", "https://tools.example.com:70000"),
        ("MUKIAU_BASE_URL", "https://例え.jp"),
        ("MUKIAU_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("MUKIAU_TRUSTED_PROXIES", "alb.internal"),
        ("MUKIAU_SECURE_COOKIES", "perhaps"),
        ("MUKIAU_HSTS_SECONDS", "a year"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(variable: str, value: str) -> None:
    with pytest.raises(config.SettingsError, match=f"{variable} is .*; it must be "):
        config.load({variable: value})


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(config.SettingsError) as mistakes:
        config.load({"MUKIAU_PORT": "http", "MUKIAU_TRUSTED_PROXIES": "x", "MUKIAU_SCRUB_EMAIL": "maybe"})

    assert len(str(mistakes.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("base_url", "prefix"),
    [
        ("", ""),
        ("https://tools.example.com", ""),
        ("https://tools.example.com/", ""),
        ("https://tools.example.com/mukiau", "/mukiau"),
        ("http://tools.example.com:8080/a/b/", "/a/b"),
    ],
)
def test_everything_is_below_the_path_of_the_base_url(base_url: str, prefix: str) -> None:
    assert config.path_prefix(config.load({"MUKIAU_BASE_URL": base_url})) == prefix


@pytest.mark.parametrize("given", ["0", "4", "25"])
def test_how_many_words_are_learned_is_a_number_that_shows_something(given: str) -> None:
    assert config.load({"MUKIAU_LEARN_WORDS": given}).learn_words == int(given)


@pytest.mark.parametrize("given", ["1", "3", "-10", "many"])
def test_too_few_words_show_nothing_and_are_refused(given: str) -> None:
    with pytest.raises(config.SettingsError, match="it must be 0, or at least 4"):
        config.load({"MUKIAU_LEARN_WORDS": given})
