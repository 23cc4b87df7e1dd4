import pytest

from deltarule.client import InvalidInput
from deltarule.client.settings import ClientSettings


def test_without_anything_the_service_of_deltarule_up_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DELTARULE_URL", raising=False)
    monkeypatch.delenv("DELTARULE_API_KEY", raising=False)
    assert ClientSettings.read() == ClientSettings("http://127.0.0.1:8080", None)


def test_the_environment_is_read_and_arguments_win_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_URL", "https://service.test/deltarule/")
    monkeypatch.setenv("DELTARULE_API_KEY", "dr_secret")
    assert ClientSettings.read() == ClientSettings("https://service.test/deltarule", "dr_secret")
    assert ClientSettings.read("http://other.test", "dr_other") == ClientSettings("http://other.test", "dr_other")


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_URL", "")
    monkeypatch.setenv("DELTARULE_API_KEY", "")
    assert ClientSettings.read() == ClientSettings("http://127.0.0.1:8080", None)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://service.test", "http://", "http://host:notaport", "//x", "x"])
def test_what_is_no_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a service"):
        ClientSettings.read(url)


@pytest.mark.parametrize("key", ["dr_a b", "dr_a\n", "dr_ä"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(InvalidInput) as error:
        ClientSettings.read(api_key=key)
    assert key not in str(error.value)


def test_the_key_is_not_in_the_representation() -> None:
    assert "dr_secret" not in repr(ClientSettings.read(api_key="dr_secret"))


@pytest.mark.parametrize(
    ("url", "loopback"), [("http://localhost:1", True), ("http://[::1]:1", True), ("http://service.test", False)]
)
def test_loopback_is_told_from_elsewhere(url: str, loopback: bool) -> None:
    assert ClientSettings.read(url).is_loopback is loopback
