"""Where a long word may be parted: between syllables, near enough for every alphabet that writes vowels.

No dictionary: a syllable begins with the last consonant before its vowel. That finds the joints of most
German, Nordic, Slavic, Romance and Greek words; a wrong guess still reads better than a count of letters.
"""

import re
import unicodedata

VOWELS = frozenset("aeiouyæøœıαεηιουωаеиоуыэюяіѵєї")
TOGETHER = ("sch", "str", "spr", "ch", "ck", "ph", "th", "sh", "st", "sp")  # begin a syllable as one
LONGEST_PIECE = 16  # letters; what has no vowel for so long is cut by count
COUNTED_PIECE = 12


def split_syllables(word: str, *, least: int) -> list[str]:
    """The word in pieces of whole syllables, each of at least `least` letters if the word has as many."""
    pieces, begin = [], 0
    for end in _find_joints(word):
        if end - begin >= least and len(word) - end >= least:
            pieces.append(word[begin:end])
            begin = end
    return [part for piece in (*pieces, word[begin:]) for part in _cut_by_count(piece)]


def _find_joints(word: str) -> list[int]:
    """Before the last consonant of each group between two vowels."""
    letters = word.lower()
    if len(letters) != len(word):  # a capital that grows when made small
        return []
    marks = "".join("v" if _is_vowel(letter) else "c" for letter in letters)
    return [
        match.end() - _count_onset(letters[match.start() : match.end()])
        for match in re.finditer("(?<=v)c+(?=v)", marks)
    ]


def _count_onset(consonants: str) -> int:
    """Letters of the last consonant, or of those that stay together."""
    return next((len(sound) for sound in TOGETHER if consonants.endswith(sound)), 1)


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0] in VOWELS


def _cut_by_count(piece: str) -> list[str]:
    if len(piece) <= LONGEST_PIECE:
        return [piece]
    return re.findall(f".{{1,{COUNTED_PIECE}}}", piece)
