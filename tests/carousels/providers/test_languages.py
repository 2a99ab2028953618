"""Telling languages apart, and the frame's words in each."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carousels.languages import WORDS, detect, words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5 pricing mistakes freelancers make", "en"),
        ("Morning routines", "en"),
        ("Come to a party", "en"),
        ("Compare software prices", "en"),
        ("Café culture in Vienna", "en"),
        ("e-mail marketing do's and don'ts", "en"),
        ("5 erreurs de prix que font les freelances", "fr"),
        ("Pourquoi dormir plus", "fr"),
        ("5 errores de precios", "es"),
        ("Cómo dormir mejor", "es"),
        ("5 erros de preço que freelancers cometem", "pt"),
        ("Como dormir melhor", "pt"),
        ("La storia di Roma", "it"),
        ("Crea un carosello sul lavoro da remoto", "it"),
        ("Come iniziare a correre", "it"),
        ("Meditazione", "it"),
        ("Minimalismo", "es"),  # or Italian, or Portuguese: anything but English
        ("Il minimalismo", "it"),
        ("Cómo empezar a correr", "es"),
        ("Como começar a correr", "pt"),
        ("5 Fehler bei der Preisgestaltung", "de"),
        ("Über uns", "de"),
        ("5 prijsfouten die freelancers maken", "nl"),
        ("Evde kahve yapmanın yolu", "tr"),
        ("5 błędów freelancerów", "pl"),
        ("記憶に残るブランドの習慣", "ja"),
        ("5 Instagramのコツ", "ja"),
        ("自由职业者的五个定价错误", "zh"),
        ("가격 책정 실수", "ko"),
        ("5 أخطاء", "ar"),
        ("اشتباهات رایج", "fa"),
        ("טעויות תמחור", "he"),
        ("5 Instagram गलतियाँ", "hi"),
        ("ราคา", "th"),
        ("5 ошибок фрилансеров", "ru"),
        ("Їжа", "uk"),
        ("Λάθη", "el"),
        ("12345", "en"),
        ("🎉", "en"),
        ("", "en"),
        ("https://www.example.com/como-fazer", "en"),
    ],
)
def test_a_text_tells_its_language(text, language):
    assert detect(text) == language


@given(st.text(max_size=3_000))
def test_any_text_has_a_language(text):
    assert 2 <= len(detect(text)) <= 3


@pytest.mark.parametrize("language", WORDS)
def test_a_language_has_every_word(language):
    assert all(word.strip() == word and word for word in astuple(words(language)))


def test_a_region_does_not_matter():
    assert words("pt-BR") is WORDS["pt"]


def test_an_unknown_language_is_answered_in_english():
    assert words("xx") is WORDS["en"]
