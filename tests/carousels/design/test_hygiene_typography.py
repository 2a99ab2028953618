"""Typographic manners: each language's marks, and words that a line must not end between."""

import pytest

from carousels.design.text.typography import polish

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("language", "given", "polished"),
    [
        ("en", 'She said "write it down" yesterday', "She said “write it down” yesterday"),
        ("en-GB", "'Fine,' we said, and vanished", "‘Fine,’ we said, and vanished"),
        ("de", 'Das "beste" Angebot', "Das „beste“ Angebot"),
        ("pl", 'To "tak" czyli nieprawda', "To „tak” czyli nieprawda"),
        ("fr", 'Un "vrai" prix', f"Un «{NBSP}vrai{NBSP}» prix"),
        ("ru", 'Это "цена" результата', "Это «цена» результата"),
        ("sv", 'Han sa "hej" tillbaka', "Han sa ”hej” tillbaka"),
        ("he", "צה\"ל וג'ירפה", "צה״ל וג׳ירפה"),
        ("zh", '他说"你好"', "他说“你好”"),
        ("ja", '彼は"はい"と', '彼は"はい"と'),
    ],
)
def test_quotes_follow_the_language(language, given, polished):
    assert polish(given, language=language) == polished


@pytest.mark.parametrize(
    ("given", "polished"),
    [
        ("don't", "don’t"),
        ("the '90s", "the ’90s"),
        ("rock 'n' roll", "rock ’n’ roll"),
        ("readers' choice", "readers’ choice"),
        ('a 6" screen', f'a{NBSP}6" screen'),
        ('say *"no"*', "say *“no”*"),
        ('say "*no*"', "say “*no*”"),
        ("“round” already", "“round” already"),
    ],
)
def test_apostrophes_and_inches_are_told_apart(given, polished):
    assert polish(given, language="en") == polished


@pytest.mark.parametrize(
    ("language", "given", "bound"),
    [
        ("en", "Save 10 % on orders", "Save 10~% on orders"),
        ("en", "Run 5 km before breakfast", "Run 5~km before breakfast"),
        ("de", "Nur 20 € pro Monat und Person", "Nur 20~€ pro Monat und Person"),
        ("en", "5 lions", "5 lions"),
        ("pl", "Praca w domu", "Praca w~domu"),
        ("en", "Write a scope", "Write a~scope"),
        ("fr", "Vraiment ? Oui : tout", "Vraiment~? Oui~: tout"),
    ],
)
def test_what_belongs_together_is_bound(language, given, bound):
    assert polish(given, language=language).replace(NBSP, "~") == bound


@pytest.mark.parametrize(
    ("given", "bound"),
    [
        ("Say one thing per post", "Say one thing per~post"),
        ("Make *every post* count now.", "Make *every post* count~now."),
        ("Brands people actually remember", "Brands people actually remember"),
        ("Only three words", "Only three words"),
        ("Extraordinarily long communication is", "Extraordinarily long communication is"),
        ("5 * 3 * 2", "5 * 3 * 2"),
    ],
)
def test_a_short_last_word_has_company(given, bound):
    assert polish(given, language="en").replace(NBSP, "~") == bound


@pytest.mark.parametrize("language", ["en", "de", "fr", "he", "ru", "zh-Hant"])
def test_polish_changes_no_letter(language):
    text = "".join(chr(code) for code in range(0x20, 0x17F)) + " שלום привет 你好"

    polished = polish(text, language=language)

    assert [c for c in polished if c.isalnum()] == [c for c in text if c.isalnum()]
