"""What OpenAI's moderation finds in a text before anything is made of it; free of charge."""

from decimal import Decimal

from carousels.providers import meanings
from carousels.providers.accounts import dig
from carousels.providers.base import Usage
from carousels.providers.configuration import OpenAI
from carousels.providers.openai.calls import VENDOR, call, require_model

TIMEOUT = 10.0  # seconds; without an answer the models' own filters still look
TEXT_MOST = 20_000  # characters


class OpenAIModeration:
    name, queue = VENDOR, "ai"

    def __init__(self, vendor: OpenAI) -> None:
        self.vendor, self.model, self.timeout = vendor, vendor.moderation_model, TIMEOUT
        self.max_retries, self.concurrency = vendor.max_retries, vendor.concurrency

    def require_model(self) -> None:
        require_model(self.vendor, self.model)

    def check(self, text: str) -> tuple[tuple[str, ...], Usage]:
        answer = call(
            self.vendor,
            self.timeout,
            lambda client: client.moderations.create(model=self.model, input=text[:TEXT_MOST]),
        )
        usage = Usage(VENDOR, self.model, Decimal(0), price_source="free", request_id=answer.request_id)
        categories = dig(answer.body, "results", 0, "categories")
        if not isinstance(categories, dict):
            raise meanings.fail(meanings.UNUSABLE, vendor=VENDOR, detail="moderation", usage=usage)
        return tuple(sorted(name for name, is_found in categories.items() if is_found is True)), usage
