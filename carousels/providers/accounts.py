"""The vendors' own accounts of a call, as far as they are numbers, and the Usage made of them.

An account is kept as it came, less everything that could be a text: nobody reads a vendor's prose here.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from carousels.providers import prices
from carousels.providers.base import Usage
from carousels.providers.prices import Tokens

TOKENS_MOST = 10_000_000
NAME = re.compile(r"[A-Za-z][\w.:/@-]{0,79}")
REQUEST_ID = re.compile(r"[\w.:-]{1,100}")
KEY = re.compile(r"[A-Za-z_]{1,40}")
WORD = re.compile(r"[A-Z_]{1,20}")  # TEXT, IMAGE


def make_usage(
    provider: str,
    model: str,
    *,
    account: Any,
    tokens: Tokens,
    answered_by: str = "",
    request_id: str = "",
    pricing: str,
) -> Usage:
    """`model` is the one that was asked, `answered_by` what the answer says: mostly the same with a date.

    `pricing`: the vendor as the price list calls it.
    """
    raw = _numbers(account) if account else {}
    other = answered_by if NAME.fullmatch(answered_by) else model
    cost = _find_cost(tokens, pricing, model, other) if raw else None
    if other != model:
        raw |= {"model": other}
    return Usage(
        provider,
        model,
        cost.usd if cost else None,
        price_source=cost.source if cost else "no usage in the answer",
        input_tokens=tokens.input if cost else None,
        output_tokens=tokens.output if cost else None,
        request_id=request_id if REQUEST_ID.fullmatch(request_id) else "",
        raw=raw,
    )


def dig(tree: Any, *path: str | int) -> Any:
    """What stands at this path of an answer; None when the answer is built otherwise."""
    for key in path:
        if isinstance(tree, Mapping):
            tree = tree.get(key)
        elif isinstance(tree, list) and isinstance(key, int) and key < len(tree):
            tree = tree[key]
        else:
            return None
    return tree


def text(tree: Any, *path: str | int) -> str:
    """The text at this path; empty when there is none."""
    found = dig(tree, *path)
    return found if isinstance(found, str) else ""


def rows(tree: Any, *path: str | int) -> list[Any]:
    """The list at this path; empty when there is none."""
    found = dig(tree, *path)
    return found if isinstance(found, list) else []


def _find_cost(tokens: Tokens, pricing: str, *models: str) -> prices.Cost:
    """At the price of the first of these names that has one."""
    now = datetime.now(UTC)
    costs = [prices.cost_of(tokens, vendor=pricing, model=model, now=now) for model in dict.fromkeys(models)]
    return next((cost for cost in costs if cost.usd is not None), costs[0])


def count(number: Any) -> int:
    """A number of tokens; what can be none counts as none."""
    return number if isinstance(number, int) and 0 <= number <= TOKENS_MOST else 0


def _numbers(tree: Any) -> Any:
    if isinstance(tree, Enum):
        tree = tree.value
    if isinstance(tree, Mapping):
        kept = {key: _numbers(value) for key, value in tree.items() if KEY.fullmatch(str(key))}
        return {key: value for key, value in kept.items() if value is not None}
    if isinstance(tree, list):
        return [value for value in map(_numbers, tree[:20]) if value is not None]
    if isinstance(tree, str):
        return tree if WORD.fullmatch(tree) else None
    is_number = isinstance(tree, int) or (isinstance(tree, float) and math.isfinite(tree))
    return tree if is_number else None  # NaN is no JSON
