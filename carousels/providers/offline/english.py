"""English grammar for the offline copywriter: what a headline is about, and whom it means.

Every rule answers "" when it is not sure; a sentence then simply does without.
"""

import re

from carousels.providers.offline.grammar import open_grammar

_WORDS = {name: frozenset(words.split()) for name, words in open_grammar("en").english.items()}

_TOPIC_OF_QUESTION = re.compile(
    r"(?:what (?:is|are)|why (?!you |we |i |your |my |do |does |most |every |it )(?=\w))\s*(.+?)"
    r"(?:\s+(?:matters?|works?|fails?|(?:is|are) (?:so )?(?:important|hard|everything|(?:worth|good)\b.*)))?"
    r"[?]?",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"(?:(?:we are|we’re|we're|i am|i’m|i'm) )?(?:(?:now |officially |finally |proudly )?"
    r"(?:announcing|introducing|launching|opening|presenting)|coming soon:?|now (?:open|live|hiring):?|"
    r"announcement:?|(?:the )?(?:grand )?(?:launch|opening) of)\b:?\s*(?:the launch of )?(.*)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:^|: )(?:is|are|should|do|does|can|could|would)\b(?! you know\b)[^?]*\?$", re.IGNORECASE
)
_REASONED = re.compile(
    r"why (?:you|we|every\w*|all|more)\b.*\b(?:should|need|must|can’t|can't)\b", re.IGNORECASE
)
_PUZZLED = re.compile(
    r"why (?:your|do|does|did|is|are|isn.t|aren.t|don.t|doesn.t|can.t|so many|most|nobody|no one)\b",
    re.IGNORECASE,
)


def kind_of_form(headline: str) -> str:
    """The kind of promise that the sentence's form tells, whatever its nouns; "" when it tells nothing."""
    headline = re.sub(r"^\W+", "", headline)  # an emoji in front changes nothing
    if _ANNOUNCED.fullmatch(headline):
        return "announcement"
    if re.match(r"how to\b|from \w+ to \w+|.*\bstep[- ]by[- ]step\b", headline, re.I):
        return "steps"
    if re.match(
        r"thank(?:s| you)\b|happy (?:new year|birthday|holidays|easter|diwali)\b|merry\b", headline, re.I
    ):
        return "greeting"
    if _ASKED.search(headline):
        return "questions"
    if _REASONED.match(headline):
        return "reasons"
    if _PUZZLED.match(headline):
        return "causes"
    return ""


def refine_kind(kind: str, bare: list[str], noun_at: int) -> str:
    """The causes behind "reasons your plants die"; the mistakes behind "stop doing these things"."""
    after = [word for word in bare[noun_at + 1 : noun_at + 3] if word != "why"]
    if kind == "reasons" and after and after[0] in _WORDS["owners"]:
        return "causes"
    if kind == "lessons" and bare[0] in _WORDS["warnings"]:
        return "mistakes"
    return kind


def tidy(headline: str) -> str:
    """A headline without its scaffold: "Launch of our sale 40% off" -> "Our sale: 40% off"."""
    bare = re.sub(r"^(?:the )?(?:launch|opening|announcement) of (?=(?:our|my)\b)", "", headline, flags=re.I)
    bare = re.sub(r"^(?:(?:the|a|my|our) )?story (?:of|about) (?=how (?:i|we)\b)", "", bare, flags=re.I)
    return re.sub(r"\b(sale|deal|offer|discount) (?=\d+ ?%)", r"\1: ", bare, flags=re.I)


def guided_readers(headline: str) -> str:
    """Whom a "beginner's guide" is for."""
    match = re.search(
        r"\b(beginner|newcomer|parent|founder|freelancer)(?:s|['’]s|s['’]) guide\b", headline, re.I
    )
    return f"{match[1].lower()}s" if match else ""


def find_dish(headline: str) -> str:
    """("focaccia") of "A recipe for focaccia in 6 steps", or ""."""
    match = re.fullmatch(
        r"(?:[\w’'-]+ ){0,4}recipe for (.+?)"
        r"(?: (?:in|with) (?:\w+ ){1,2}(?:steps?|ingredients?|minutes?))?\W*",
        headline,
        re.I,
    )
    return match[1] if match else ""


def is_searchable(word: str) -> bool:
    """Whether a headline's word can be a hashtag by itself: "editor", not "biggest" or "sourced"."""
    return word.lower() not in _WORDS["unsearched"] and not re.search(r"(?:ed|ly|est|ing)$", word.lower())


def is_offer(headline: str) -> bool:
    return bool(re.search(r"% off\b|\bsale\b|\bgiveaway\b|\bwebinar\b|\bpre-?order\b", headline, re.I))


def topic_of_form(headline: str) -> str:
    """The topic of a headline that counts nothing: "How to save money" -> "saving money"."""
    if match := re.match(r"how to (.+)", headline, re.I):
        return gerund(match[1])
    if match := re.match(r"why (?:you|we|everyone) (?:should|need to|must) (.+)", headline, re.I):
        return gerund(match[1])
    if match := _ANNOUNCED.fullmatch(headline):
        return match[1]
    if match := _TOPIC_OF_QUESTION.fullmatch(headline):
        return match[1]
    if match := re.match(
        r"(?:(?:a|an|the|my) )?(?:[\w’'-]+ )?(?:guide|introduction|intro) to (.+)", headline, re.I
    ):
        return match[1]
    if match := re.match(r"(?:everything|all|something)(?: you need to know)? about (.+)", headline, re.I):
        return match[1]
    return (
        ""
        if re.match(r"(?:why|what|when|who|where|how|stop|avoid|do|don.t|never)\b", headline, re.I)
        else headline
    )


def topic_of_count(words: list[str], start: int, noun_at: int) -> str:
    """The topic around a counted noun: "5 pricing mistakes ..." -> "pricing mistakes"."""
    before = words[start:noun_at]
    while before and (before[0].lower() in _WORDS["leads"] or before[0].isdigit()):
        before = before[1:]
    if before:
        return " ".join([*before, words[noun_at]])

    after = words[noun_at + 1 :]
    if not after or find_people(after):
        return ""
    if after[0].lower() == "to" and len(after) > 1:
        return _topic_of_infinitive(after[1:])
    return " ".join(after[1:]) if after[0].lower() in _WORDS["openers"] - {"if"} else ""


def _topic_of_infinitive(phrase: list[str]) -> str:
    is_bare = len(phrase) > 1 and phrase[1].lower() in _WORDS["openers"]  # "to try in Rome"
    if phrase[0].lower() not in _WORDS["to_know"] and not is_bare:
        return gerund(" ".join(phrase))
    for at, word in enumerate(phrase):
        if word.lower() in _WORDS["openers"]:
            rest = phrase[at + 1 :]
            if len(rest) > 1 and rest[0].lower() in {"you", "we", "i"}:
                return gerund(" ".join(rest[1:]))
            return " ".join(rest)
    return ""


def gerund(phrase: str) -> str:
    """Turn "save money" into "saving money"; "" when the first word is no plain verb."""
    words = phrase.split()
    if len(words) > 1 and words[0].lower() in _WORDS["adverbs"]:
        words = words[1:]
    if not words or not re.fullmatch("[a-z]{2,}", words[0].lower()) or words[0].lower() in _WORDS["no_verbs"]:
        return ""
    return " ".join([_with_ing(words[0].lower()), *words[1:]])


def _with_ing(verb: str) -> str:
    if verb.endswith("ing") and len(verb) > 5:
        return verb
    if verb in _WORDS["doubled"]:
        return f"{verb}{verb[-1]}ing"
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    return f"{verb}ing"


def find_people(words: list[str]) -> str:
    """Find "new managers" in ["for", "new", "managers"]; "" when the phrase names no people."""
    phrase = words[1:] if words and words[0].lower() in {"for", "that", "which"} else list(words)
    ends = [at for at, word in enumerate(phrase[:5]) if word.lower() in _WORDS["predicates"]]
    phrase = phrase[: ends[0]] if ends else phrase

    if not 1 <= len(phrase) <= 4 or phrase[-1].lower() not in _WORDS["people"]:
        return ""
    return "" if any(word.lower() in _WORDS["openers"] for word in phrase) else " ".join(phrase)


def split_audience(headline: str) -> tuple[str, str]:
    """("SEO", "small business owners") of "SEO for small business owners"."""
    return _split_people(headline, " for ")


def split_listeners(headline: str) -> tuple[str, str]:
    """("Compound interest", "teenagers") of "Compound interest to teenagers": what was to be explained."""
    return _split_people(headline, " to ")


def _split_people(headline: str, link: str) -> tuple[str, str]:
    head, _, tail = headline.rpartition(link)
    people = find_people(tail.split()) if head else ""
    return (head, people) if people else (headline, "")


def soften(topic: str) -> str:
    """The topic as it stands inside a sentence: a headline's first capital goes, a name's stays."""
    first = topic.split(" ", 1)[0]
    is_name = first.lower() in _WORDS["names"] or first[1:] != first[1:].lower() or not first.isalpha()
    return topic if is_name else topic[:1].lower() + topic[1:]
