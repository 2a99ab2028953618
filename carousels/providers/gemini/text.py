"""Strategies by a text model of Gemini's."""

from datetime import UTC, datetime
from decimal import Decimal

from carousels.brief import Brief
from carousels.providers import accounts, prices, strategy_prompt
from carousels.providers.base import Correction, Strategy, Usage
from carousels.providers.configuration import Gemini
from carousels.providers.gemini.calls import PRICING, VENDOR, generate, require_model
from carousels.providers.prices import Tokens


class GeminiText:
    name, queue = VENDOR, "ai"

    def __init__(self, vendor: Gemini) -> None:
        self.vendor, self.model, self.timeout = vendor, vendor.text_model, vendor.text_timeout
        self.max_retries, self.concurrency = vendor.max_retries, vendor.concurrency

    def require_model(self) -> None:
        require_model(self.vendor, self.model)

    def expected_cost(self, brief: Brief) -> Decimal | None:
        tokens = Tokens(*strategy_prompt.expected_tokens(brief))
        return prices.cost_of(tokens, vendor=PRICING, model=self.model, now=datetime.now(UTC)).usd

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        """`end_user` is not sent: this API has no place for it."""
        # pydantic, which reads the answer, has to stay out of the web process.
        from carousels.providers import strategy_answer

        question = strategy_prompt.ask(brief, correction)
        config = {
            "system_instruction": question.system,
            "max_output_tokens": question.room,
            "response_mime_type": "application/json",
            "response_json_schema": strategy_answer.SCHEMA,
        }
        if self.vendor.reasoning:
            config["thinking_config"] = {"thinking_level": self.vendor.reasoning.upper()}
        answer = generate(
            self.vendor, model=self.model, timeout=self.timeout, prompt=question.user, config=config
        )
        if answer.is_cut_off:
            raise strategy_answer.cut_off(vendor=VENDOR, usage=answer.usage)
        text = "".join(accounts.text(part, "text") for part in answer.parts)
        return strategy_answer.read(text, brief, vendor=VENDOR, usage=answer.usage), answer.usage
