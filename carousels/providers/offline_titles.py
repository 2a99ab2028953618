"""Where a headline carries its one *emphasis*: on the words that say what it is about."""

import re

from carousels.providers.offline_grammar import open_grammar
from carousels.providers.offline_reading import Reading
from carousels.providers.offline_text import split_words


def emphasise(headline: str, reading: Reading) -> str:
    """Mark the topic where it stands in the headline, else the last words that carry meaning."""
    match = re.search(re.escape(reading.topic), headline, re.IGNORECASE) if reading.topic else None
    if match and match[0] != headline:
        return f"{headline[: match.start()]}*{match[0]}*{headline[match.end() :]}"

    stop = open_grammar(reading.language).words("stop")
    words = split_words(headline)
    if len(words) < 3:
        return headline
    for word in reversed(words):
        if len(word) > 3 and word.casefold() not in stop:
            at = headline.rfind(word)
            return f"{headline[:at]}*{word}*{headline[at + len(word) :]}"
    return headline
