"""Strategies by a text model of OpenAI's, or of a compatible server's chat completions."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from carousels.brief import Brief
from carousels.providers import accounts, meanings, prices, strategy_prompt
from carousels.providers.accounts import dig, rows
from carousels.providers.base import Correction, Strategy, Usage
from carousels.providers.configuration import OpenAI
from carousels.providers.openai.calls import FAILURES, VENDOR, Answer, call, make_usage, require_model
from carousels.providers.prices import Tokens
from carousels.providers.strategy_prompt import Question

COMPLETE, CUT_OFF, REJECTED = "complete", "cut off", "rejected"  # how an answer ended


class OpenAIText:
    name, queue = VENDOR, "ai"

    def __init__(self, vendor: OpenAI) -> None:
        self.vendor, self.model, self.timeout = vendor, vendor.text_model, vendor.text_timeout
        self.max_retries, self.concurrency = vendor.max_retries, vendor.concurrency

    def require_model(self) -> None:
        require_model(self.vendor, self.model)

    def expected_cost(self, brief: Brief) -> Decimal | None:
        tokens = Tokens(*strategy_prompt.expected_tokens(brief))
        return prices.cost_of(tokens, vendor=VENDOR, model=self.model, now=datetime.now(UTC)).usd

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        # pydantic, which reads the answer, has to stay out of the web process.
        from carousels.providers import strategy_answer

        question = strategy_prompt.ask(brief, correction)
        ask = self._by_chat if self.vendor.api == "chat" else self._by_responses
        end, text, usage = ask(question, strategy_answer.SCHEMA, end_user)
        if end == REJECTED:
            raise meanings.fail(meanings.REJECTED, vendor=VENDOR, detail="words", usage=usage)
        if end == CUT_OFF:
            raise strategy_answer.cut_off(vendor=VENDOR, usage=usage)
        return strategy_answer.read(text, brief, vendor=VENDOR, usage=usage), usage

    def _by_responses(self, question: Question, schema: dict, end_user: str) -> tuple[str, str, Usage]:
        form = {"type": "json_schema", "name": "carousel", "strict": True, "schema": schema}
        asked = {
            "model": self.model,
            "instructions": question.system,
            "input": question.user,
            "max_output_tokens": question.room,
            "store": False,
            "text": {"format": form},
            "reasoning": {"effort": self.vendor.reasoning} if self.vendor.reasoning else None,
            "safety_identifier": self._name(end_user),
        }
        answer = call(self.vendor, self.timeout, lambda client: client.responses.create(**_said(asked)))
        usage = self._usage(answer, "input", "output")
        return *_read_response(answer.body, usage), usage

    def _by_chat(self, question: Question, schema: dict, end_user: str) -> tuple[str, str, Usage]:
        form = {"name": "carousel", "strict": True, "schema": schema}
        asked = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
            "max_tokens" if self.vendor.is_compatible else "max_completion_tokens": question.room,
            "response_format": {"type": "json_schema", "json_schema": form},
            "reasoning_effort": self.vendor.reasoning or None,
            "safety_identifier": self._name(end_user),
        }
        said = _said(asked)
        answer = call(self.vendor, self.timeout, lambda client: client.chat.completions.create(**said))
        usage = self._usage(answer, "prompt", "completion")
        return *_read_completion(answer.body, usage), usage

    def _name(self, end_user: str) -> str | None:
        """Only OpenAI's own safety system knows what to do with it; others may stumble over it."""
        return None if self.vendor.is_compatible else end_user or None

    def _usage(self, answer: Answer, asked: str, answered: str) -> Usage:
        """The two calls name the same numbers differently."""
        account = dig(answer.body, "usage")
        tokens = Tokens(
            input=accounts.count(dig(account, f"{asked}_tokens")),
            output=accounts.count(dig(account, f"{answered}_tokens")),
            cached=accounts.count(dig(account, f"{asked}_tokens_details", "cached_tokens")),
            cache_written=accounts.count(dig(account, f"{asked}_tokens_details", "cache_write_tokens")),
        )
        return make_usage(self.model, answer, tokens)


def _said(asked: dict[str, Any]) -> dict[str, Any]:
    """What is None is not said: the server's own default."""
    return {name: value for name, value in asked.items() if value is not None}


def _read_response(body: Any, usage: Usage) -> tuple[str, str]:
    """(how it ended, its text)"""
    if dig(body, "status") == "failed" or dig(body, "error"):
        raise _failed(body, usage)
    if dig(body, "status") == "incomplete":
        reason = dig(body, "incomplete_details", "reason")
        return (REJECTED if reason == "content_filter" else CUT_OFF), ""
    parts = [part for item in rows(body, "output") for part in rows(item, "content")]
    if any(dig(part, "type") == "refusal" for part in parts):
        return REJECTED, ""
    written = (accounts.text(part, "text") for part in parts if dig(part, "type") == "output_text")
    return COMPLETE, "".join(written)


def _read_completion(body: Any, usage: Usage) -> tuple[str, str]:
    """(how it ended, its text)"""
    if dig(body, "error"):
        raise _failed(body, usage)
    choice = dig(body, "choices", 0)
    reason = dig(choice, "finish_reason")
    if dig(choice, "message", "refusal") or reason == "content_filter":
        return REJECTED, ""
    if reason == "length":
        return CUT_OFF, ""
    return COMPLETE, accounts.text(choice, "message", "content")


def _failed(body: Any, usage: Usage):
    """A 200 that holds an error."""
    meaning = meanings.look_up(FAILURES, status=500, code=accounts.text(body, "error", "code"))
    return meanings.fail(meaning, vendor=VENDOR, detail="an error in an answer", usage=usage)
