"""Where long words are parted."""

import pytest

from carousels.design.text.syllables import split_syllables


@pytest.mark.parametrize(
    ("word", "parted"),
    [
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampf-schiff-fahrts-gesell-schaft"),
        ("Witwenrentenbescheid", "Witwen-renten-bescheid"),
        ("Kraftfahrversicherung", "Kraftfahr-versicherung"),
        ("превысокомногорассмотрительствующий", "превысо-комного-рассмот-рительст-вующий"),
        ("αυτοκινητοβιομηχανία", "αυτοκι-νητοβιο-μηχανία"),
    ],
)
def test_word_is_parted_between_syllables(word, parted):
    assert "-".join(split_syllables(word, least=6)) == parted


@pytest.mark.parametrize("word", ["haus", "Bücher", "WW", "", "İİİİİİİİİİ"])
def test_short_or_unclear_word_stays_whole(word):
    assert "".join(split_syllables(word, least=6)) == word
    assert len(split_syllables(word, least=6)) == 1


def test_word_without_vowels_is_parted_by_count():
    assert split_syllables("W" * 30, least=6) == ["W" * 12, "W" * 12, "W" * 6]


@pytest.mark.parametrize("least", [1, 4, 8])
def test_no_letter_is_lost_and_no_piece_is_too_small(least):
    pieces = split_syllables("Rindfleischetikettierungsüberwachungsaufgabe", least=least)

    assert "".join(pieces) == "Rindfleischetikettierungsüberwachungsaufgabe"
    assert min(map(len, pieces)) >= least
