"""Languages of texts."""

from __future__ import annotations

import pytest

from models.language import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The weir was built in 1931 and is inspected every spring.", "en"),
        ("Das Wehr wurde 1931 gebaut und wird in jedem Frühjahr geprüft.", "de"),
        ("La presa se construyó en 1931 y se revisa cada primavera.", "es"),
        ("Плотина была построена в 1931 году и осматривается каждую весну.", "ru"),
        ("Греблю збудували 1931 року, її оглядають щовесни і восени.", "uk"),
        ("بني السد عام 1931 ويفحص كل ربيع.", "ar"),
        ("این سد در سال ۱۹۳۱ ساخته شد و هر بهار بازرسی می‌شود.", "fa"),
        ("बाँध 1931 में बना था और हर वसंत में जाँचा जाता है।", "hi"),
        ("水坝建于1931年。", "zh"),
        ("ダムは1931年に建てられた。", "ja"),
        ("댐은 1931년에 지어졌다.", "ko"),
        ("1931 | 12 % | 5,079", ""),
        ("Lothar Weir", "en"),  # a name alone tells nothing
    ],
)
def test_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


def test_what_does_not_tell_is_in_the_language_of_the_whole() -> None:
    assert language_of("Lothar Wehr, Anna Wehr", otherwise="de") == "de"
    assert language_of("水坝", otherwise="de") == "zh"
    assert language_of("The weir was built in 1931 and is inspected every spring.", otherwise="de") == "en"


def test_the_model_knows_the_languages_that_it_is_asked_for() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    known = set(LanguageIdentifier.from_model_file(MODEL_FILE).labels)
    assert [one for some in LANGUAGES.values() if len(some) > 1 for one in some if one not in known] == []
