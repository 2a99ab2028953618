"""What calls cost: tokens times the prices of that day, from the operator's own table or a price list.

An unknown model costs None, never 0. The list (genai-prices) is a file of its package: nobody is asked
over the network.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from carousels.providers import configuration

MILLION = 1_000_000
EXACT = Decimal("0.000001")  # as the rows keep it


@dataclass(frozen=True)
class Tokens:
    """As vendors bill them. `input` holds the cached ones too, `output` thoughts and pictures."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    image_output: int = 0


@dataclass(frozen=True)
class Cost:
    """`usd` is None when nobody knows; `source` names the list."""

    usd: Decimal | None
    source: str


def cost_of(tokens: Tokens, *, vendor: str, model: str, now: datetime) -> Cost:
    """`vendor` as the price list calls it: openai, google."""
    own = configuration.prices().get(model)
    if own is not None:
        return Cost(_multiply(tokens, own).quantize(EXACT), "AI_PRICES")
    return _look_up(tokens, vendor, model, now)


def _multiply(tokens: Tokens, price: configuration.Price) -> Decimal:
    # Some servers count cached ones beside the input, and not in it: what is left is never less than none.
    fresh, words = max(0, tokens.input - tokens.cached), max(0, tokens.output - tokens.image_output)
    usd = fresh * price.input + tokens.cached * price.cached_input
    return (usd + words * price.output + tokens.image_output * price.image_output) / MILLION


def _look_up(tokens: Tokens, vendor: str, model: str, now: datetime) -> Cost:
    # The list takes a quarter of a second to load: it has to stay out of the web process, too.
    import genai_prices

    usage = genai_prices.Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_written,
        output_image_tokens=tokens.image_output,
    )
    try:
        found = genai_prices.calc_price(usage, model, provider_id=vendor, genai_request_timestamp=now)
    except (LookupError, ValueError):  # not in the list, or it cannot make sense of these counts
        return Cost(None, "unknown")
    if not found.total_price and (tokens.input or tokens.output):
        return Cost(None, "unknown")  # listed without a price
    return Cost(found.total_price.quantize(EXACT), f"genai-prices {genai_prices.__version__}")
