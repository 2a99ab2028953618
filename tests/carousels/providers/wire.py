"""What OpenAI and Gemini say on the wire, as their specifications have it: answers and errors as JSON.

The shapes are held against the OpenAI SDK's strict validation in `test_fake_vendor.py`.
"""

import base64
import functools
import io
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any

from PIL import Image

LEAKS = ("sk-secret", "AIza-secret", "vendor-prose")  # none of these may ever come out of a provider
_ids = itertools.count(1)

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def carousel(slides: int = 5, look: str = "", **changes: Any) -> dict[str, Any]:
    """A strategy as a model writes it: a cover, points, a call."""
    kinds = ["cover", *["point"] * (slides - 2), "cta"]
    return {
        "language": "en",
        "title": "Pricing mistakes",
        "look": look or "editorial/noir",
        "visualWorld": "A quiet studio in morning light, paper and wood, 50 mm lens.",
        "slides": [slide(kind, number) for number, kind in enumerate(kinds, start=1)],
        "finalCaption": "Which of these did you make first?",
        "hashtags": ["#pricing", "freelance life"],
    } | changes


def slide(kind: str = "point", number: int = 1, **changes: Any) -> dict[str, Any]:
    own = {"cover": {"kicker": "Pricing"}, "cta": {"button": "Save this"}}.get(kind, {})
    return {
        "kind": kind,
        "title": f"Say the price of part *{number}* first",
        "caption": "Then be quiet and let them answer.",
        "kicker": "",
        "items": [],
        "against": [],
        "labels": [],
        "stat": "",
        "author": "",
        "role": "",
        "button": "",
        "isCounted": kind == "point",
        "imagePrompt": f"Hands putting down a pen, seen from above, {number}",
        "altText": "Say the price first. Two hands at a desk.",
    } | (own | changes)


# --- OpenAI --------------------------------------------------------------------------------------------


def response(body: Mapping[str, Any], text: str, **changes: Any) -> dict[str, Any]:
    refusal, reason = changes.pop("refusal", None), changes.pop("reason", None)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    status = "incomplete" if reason else "completed"
    return {
        "id": f"resp_{next(_ids)}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "completed_at": None if reason else int(time.time()),
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": body["model"],
        "output": [
            {
                "type": "message",
                "id": f"msg_{next(_ids)}",
                "status": status,
                "role": "assistant",
                "content": [{"type": "refusal", "refusal": refusal} if refusal else part],
            }
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "low", "summary": None},
        "store": False,
        "temperature": 1.0,
        "text": body.get("text", {"format": {"type": "text"}}),
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": response_usage(),
        "metadata": {},
    } | changes


def response_usage(asked=2_000, cached=1_024, written=0, answered=900, thought=300) -> dict[str, Any]:
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": asked + answered,
    }


def completion(
    body: Mapping[str, Any], text: str | None, *, finish: str = "stop", refusal=None
) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{next(_ids)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "logprobs": None,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, "refusal": refusal, "annotations": []},
            }
        ],
        "usage": {
            "prompt_tokens": 2_000,
            "completion_tokens": 900,
            "total_tokens": 2_900,
            "prompt_tokens_details": {"cached_tokens": 1_024, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 300,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
    }


def images(body: Mapping[str, Any], painted: int = 1_587, **row: Any) -> dict[str, Any]:
    return {
        "created": int(time.time()),
        "background": "opaque",
        "output_format": body.get("output_format", "png"),
        "quality": body.get("quality", "medium"),
        "size": body["size"],
        "data": [row or {"b64_json": base64.b64encode(picture(body["size"])).decode()}],
        "usage": {
            "input_tokens": 240,
            "input_tokens_details": {"text_tokens": 240, "image_tokens": 0},
            "output_tokens": painted,
            "output_tokens_details": {"text_tokens": 0, "image_tokens": painted},
            "total_tokens": 240 + painted,
        },
    }


def moderation(body: Mapping[str, Any], *found: str) -> dict[str, Any]:
    return {
        "id": f"modr-{next(_ids)}",
        "model": body["model"],
        "results": [
            {
                "flagged": bool(found),
                "categories": {name: name in found for name in CATEGORIES},
                "category_scores": dict.fromkeys(CATEGORIES, 0.0001),
                "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
            }
        ],
    }


def openai_error(code: str | None = None, *, kind: str = "invalid_request_error", **more: Any):
    """With what no message of ours may quote: a key, and their prose."""
    message = "Incorrect API key provided: sk-secret. vendor-prose"
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


# --- Gemini --------------------------------------------------------------------------------------------


def content(parts: list | None, model: str, *, ending: str = "STOP", usage: dict | None = None):
    candidate = {"finishReason": ending, "index": 0}
    if parts is not None:
        candidate["content"] = {"parts": parts, "role": "model"}
    return {
        "candidates": [candidate],
        "usageMetadata": usage or content_usage(),
        "modelVersion": model,
        "responseId": f"answer{next(_ids)}",
    }


def content_usage(asked=2_000, cached=500, answered=900, thought=300, modality="TEXT") -> dict[str, Any]:
    return {
        "promptTokenCount": asked,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": answered,
        "thoughtsTokenCount": thought,
        "totalTokenCount": asked + answered + thought,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": asked}],
        "candidatesTokensDetails": [{"modality": modality, "tokenCount": answered}],
    }


def content_picture(size: str, model: str) -> dict[str, Any]:
    data = base64.b64encode(picture(size)).decode()
    usage = content_usage(asked=240, cached=0, answered=1_120, thought=60, modality="IMAGE")
    return content([{"inlineData": {"mimeType": "image/png", "data": data}}], model, usage=usage)


def gemini_error(
    code: int, status: str, *, reason: str = "", delay: str = "", quota: str = ""
) -> dict[str, Any]:
    kinds = "type.googleapis.com/google.rpc."
    details = [
        *([{"@type": f"{kinds}ErrorInfo", "reason": reason, "domain": "googleapis.com"}] if reason else []),
        *([{"@type": f"{kinds}QuotaFailure", "violations": [{"quotaId": quota}]}] if quota else []),
        *([{"@type": f"{kinds}RetryInfo", "retryDelay": delay}] if delay else []),
    ]
    message = "API key AIza-secret not valid. vendor-prose"
    return {"error": {"code": code, "message": message, "status": status, "details": details}}


# --- pictures ------------------------------------------------------------------------------------------


@functools.cache
def picture(size: str, encoding: str = "JPEG", **options: Any) -> bytes:
    """A picture with something in it, of `WIDTHxHEIGHT`."""
    width, height = map(int, size.split("x"))
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.paste((200, 60, 60), (width // 4, height // 8, width // 2, height // 3))
    encoded = io.BytesIO()
    image.save(encoded, encoding, **options)
    return encoded.getvalue()


def as_text(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
