"""Pictures by an image model of Gemini's: bytes in the answer, the ratio in the question."""

from datetime import UTC, datetime
from decimal import Decimal

from carousels.providers import meanings, picture_answer, picture_prompt, prices
from carousels.providers.accounts import dig
from carousels.providers.base import ImageRequest, Picture, Usage
from carousels.providers.configuration import Gemini
from carousels.providers.gemini.calls import PRICING, VENDOR, generate, require_model
from carousels.providers.prices import Tokens
from carousels.providers.strategy_prompt import CHARACTERS_A_TOKEN

# Tokens that a picture takes, as far as known: an estimate, the bill is the answer's own account.
TOKENS = {"": 1120, "1K": 1120, "2K": 1680, "4K": 2520}


class GeminiImages:
    name, queue = VENDOR, "ai"

    def __init__(self, vendor: Gemini) -> None:
        self.vendor, self.model, self.timeout = vendor, vendor.image_model, vendor.image_timeout
        self.max_retries, self.concurrency = vendor.max_retries, vendor.concurrency

    def require_model(self) -> None:
        require_model(self.vendor, self.model)

    def expected_cost(self, request: ImageRequest) -> Decimal | None:
        asked = len(picture_prompt.write_prompt(request)) // CHARACTERS_A_TOKEN
        painted = TOKENS[self._size(request)]
        tokens = Tokens(input=asked, output=painted, image_output=painted)
        return prices.cost_of(tokens, vendor=PRICING, model=self.model, now=datetime.now(UTC)).usd

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        """`end_user` is not sent: this API has no place for it."""
        size = self._size(request)
        frame = {"aspect_ratio": request.aspect_ratio} | ({"image_size": size} if size else {})
        answer = generate(
            self.vendor,
            model=self.model,
            timeout=self.timeout,
            prompt=picture_prompt.write_prompt(request),
            config={"response_modalities": ["IMAGE"], "image_config": frame},
        )
        painted = next(filter(None, (dig(part, "inline_data", "data") for part in answer.parts)), None)
        try:
            return picture_answer.read(painted, aspect_ratio=request.aspect_ratio), answer.usage
        except picture_answer.NoPicture as error:
            raise meanings.fail(
                meanings.UNUSABLE, vendor=VENDOR, detail=f"picture: {error}", usage=answer.usage
            ) from None

    def _size(self, request: ImageRequest) -> str:
        return self.vendor.size_hd if request.quality == "hd" else self.vendor.size
