"""Pictures by GPT Image: base64 in the answer, an address never followed."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from carousels.providers import accounts, meanings, picture_answer, picture_prompt, prices
from carousels.providers.accounts import dig
from carousels.providers.base import ImageRequest, Picture, Usage
from carousels.providers.configuration import OpenAI
from carousels.providers.openai.calls import VENDOR, Answer, call, make_usage, require_model
from carousels.providers.prices import Tokens
from carousels.providers.strategy_prompt import CHARACTERS_A_TOKEN

# Exactly the ratio, multiples of 16, no smaller than a slide. The first generation knows three sizes.
SIZES = {"1:1": "1088x1088", "4:5": "1088x1360", "9:16": "1152x2048"}
FIRST_SIZES = {"1:1": "1024x1024", "4:5": "1024x1536", "9:16": "1024x1536"}
FIRST_GENERATION = ("gpt-image-1", "chatgpt-image")
GPT_IMAGE = ("gpt-image", "chatgpt-image")

# Tokens that a picture takes, as far as known: an estimate, the bill is the answer's own account.
TOKENS = {
    "1088x1088": {"low": 204, "medium": 1834, "high": 7336},
    "1088x1360": {"low": 181, "medium": 1587, "high": 6431},
    "1152x2048": {"low": 157, "medium": 1413, "high": 5650},
    "1024x1024": {"low": 272, "medium": 1056, "high": 4160},
    "1024x1536": {"low": 408, "medium": 1584, "high": 6240},
}


class OpenAIImages:
    name, queue = VENDOR, "ai"

    def __init__(self, vendor: OpenAI) -> None:
        self.vendor, self.model, self.timeout = vendor, vendor.image_model, vendor.image_timeout
        self.max_retries, self.concurrency = vendor.max_retries, vendor.concurrency

    def require_model(self) -> None:
        require_model(self.vendor, self.model)

    def expected_cost(self, request: ImageRequest) -> Decimal | None:
        painted = TOKENS[self._size(request)].get(self._quality(request))
        if painted is None:
            return None
        asked = len(picture_prompt.write_prompt(request)) // CHARACTERS_A_TOKEN
        tokens = Tokens(input=asked, output=painted, image_output=painted)
        return prices.cost_of(tokens, vendor=VENDOR, model=self.model, now=datetime.now(UTC)).usd

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        asked = {
            "model": self.model,
            "prompt": picture_prompt.write_prompt(request),
            "size": self._size(request),
            "quality": self._quality(request),
            "n": 1,
        } | self._own(end_user)
        answer = call(self.vendor, self.timeout, lambda client: client.images.generate(**asked))
        usage = self._usage(answer)
        try:
            picture = picture_answer.read(
                accounts.text(answer.body, "data", 0, "b64_json"),
                aspect_ratio=request.aspect_ratio,
                revised_prompt=accounts.text(answer.body, "data", 0, "revised_prompt"),
            )
        except picture_answer.NoPicture as error:
            raise meanings.fail(
                meanings.UNUSABLE, vendor=VENDOR, detail=f"picture: {error}", usage=usage
            ) from None
        return picture, usage

    def _own(self, end_user: str) -> dict[str, Any]:
        """GPT Image always answers in base64, and refuses to be asked for it; others answer an address."""
        if not self.model.startswith(GPT_IMAGE):
            return {"response_format": "b64_json"}
        own = {"output_format": "jpeg", "output_compression": 90, "moderation": "auto"}
        return own | ({"safety_identifier": end_user} if end_user and not self.vendor.is_compatible else {})

    def _size(self, request: ImageRequest) -> str:
        sizes = FIRST_SIZES if self.model.startswith(FIRST_GENERATION) else SIZES
        return sizes[request.aspect_ratio]

    def _quality(self, request: ImageRequest) -> str:
        return self.vendor.quality_hd if request.quality == "hd" else self.vendor.quality

    def _usage(self, answer: Answer) -> Usage:
        account = dig(answer.body, "usage")
        output = accounts.count(dig(account, "output_tokens"))
        told = dig(account, "output_tokens_details", "image_tokens")
        tokens = Tokens(
            input=accounts.count(dig(account, "input_tokens")),
            output=output,
            cached=accounts.count(dig(account, "input_tokens_details", "cached_tokens")),
            image_output=output if told is None else min(output, accounts.count(told)),
        )
        return make_usage(self.model, answer, tokens)
