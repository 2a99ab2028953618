"""JSON in and out of the jobs' views; names as in the contract (camelCase)."""

import unicodedata
from typing import Any

from rest_framework import serializers

from carousels.brief import ASPECT_RATIOS, DEFAULT_ASPECT_RATIO, DEFAULT_STYLES, SLIDES_MAX, SLIDES_MIN
from carousels.design.themes import THEMES
from jobs.models import GenerationJob
from jobs.queue import LONGEST_DELAY
from jobs.states import JobType
from rest.envelope import moment
from rest.fields import (
    SharedFieldsSerializer,
    StrictCharField,
    StrictIntegerField,
    StrictListField,
    StrictSerializer,
)

PROMPT_MIN, PROMPT_MAX = 10, 5000
MOST_CREDITS = 1_000_000


class PromptField(StrictCharField):
    """A text with something to see in it: ten zero-width spaces would be charged for nothing."""

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if all(unicodedata.category(character)[0] in "CZ" for character in value):
            self.fail("blank")
        return value


class AspectRatioField(StrictCharField):
    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value not in ASPECT_RATIOS:
            raise serializers.ValidationError(
                f"Must be one of {', '.join(ASPECT_RATIOS)}.", code="invalid_choice"
            )
        return value


class ThemeField(StrictCharField):
    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value not in THEMES:
            raise serializers.ValidationError(f"Must be one of {', '.join(THEMES)}.", code="invalid_choice")
        return value


class PricedInput(SharedFieldsSerializer):
    """A request that may cost credits: `maxCredits` is the most it may, and no part of what is asked for."""

    maxCredits = StrictIntegerField(minimum=0, maximum=MOST_CREDITS, required=False)

    @property
    def max_credits(self) -> int | None:
        return self.validated_data.get("maxCredits")

    def payload(self) -> dict[str, Any]:
        """The request as it is kept in the job's row."""
        return {name: value for name, value in self.validated_data.items() if name != "maxCredits"}


class GenerateInput(PricedInput):
    """What to make a carousel of; unknown keys are ignored."""

    prompt = PromptField(
        min_length=PROMPT_MIN,
        max_length=PROMPT_MAX,
        error_messages={
            "min_length": "Prompt must be at least 10 characters",
            "blank": "Prompt must be at least 10 characters",
        },
    )
    imageCount = StrictIntegerField(minimum=SLIDES_MIN, maximum=SLIDES_MAX)
    styles = StrictListField(
        child=StrictCharField(max_length=60, allow_blank=True), max_length=20, required=False
    )
    aspectRatio = AspectRatioField(required=False)
    audience = StrictCharField(max_length=300, required=False, allow_blank=True)
    purpose = StrictCharField(max_length=300, required=False, allow_blank=True)
    tone = StrictCharField(max_length=300, required=False, allow_blank=True)
    keyPoints = StrictListField(
        child=StrictCharField(max_length=500, allow_blank=True), max_length=20, required=False
    )
    brandId = StrictCharField(max_length=36, required=False, allow_blank=True)

    def payload(self) -> dict[str, Any]:
        defaults = {"styles": list(DEFAULT_STYLES), "aspectRatio": DEFAULT_ASPECT_RATIO}
        return defaults | super().payload()


class QuoteInput(GenerateInput):
    """What `generate` takes, and for which type of job."""

    jobType = serializers.ChoiceField(choices=JobType.choices, default=JobType.CAROUSEL)

    def payload(self) -> dict[str, Any]:
        return {name: value for name, value in super().payload().items() if name != "jobType"}


class SlideEdit(StrictSerializer):
    """New words for one slide; a key left out leaves its words as they are."""

    slideNumber = StrictIntegerField(minimum=1, maximum=SLIDES_MAX)
    title = PromptField(max_length=300, required=False)
    caption = StrictCharField(max_length=1200, required=False, allow_blank=True)
    altText = PromptField(max_length=1500, required=False)
    kicker = StrictCharField(max_length=160, required=False, allow_blank=True)
    stat = PromptField(max_length=40, required=False)
    author = StrictCharField(max_length=160, required=False, allow_blank=True)
    role = StrictCharField(max_length=160, required=False, allow_blank=True)
    button = StrictCharField(max_length=160, required=False, allow_blank=True)
    items = StrictListField(child=PromptField(max_length=300), min_length=1, max_length=6, required=False)
    against = StrictListField(child=PromptField(max_length=300), min_length=1, max_length=4, required=False)
    labels = StrictListField(
        child=StrictCharField(max_length=60, allow_blank=True), min_length=2, max_length=2, required=False
    )


class RenderInput(StrictSerializer):
    """What to change before the slides are set anew; nothing at all sets them as they are."""

    aspectRatio = AspectRatioField(required=False)
    theme = ThemeField(required=False)
    palette = StrictCharField(max_length=40, required=False, allow_blank=True)
    brandId = StrictCharField(max_length=36, required=False, allow_blank=True)
    finalCaption = StrictCharField(max_length=5000, required=False, allow_blank=True)
    slides = StrictListField(child=SlideEdit(), max_length=SLIDES_MAX, required=False)


class RedrawInput(PricedInput, StrictSerializer):
    """Which slide's picture to make again; without a prompt from its own."""

    slideNumber = StrictIntegerField(minimum=1, maximum=SLIDES_MAX)
    imagePrompt = PromptField(max_length=PROMPT_MAX, required=False)


class ListInput(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)


class EventsInput(serializers.Serializer):
    """`after`: the sequence of the last event the caller has."""

    after = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)


class RequeueInput(PricedInput):
    """`delay` in seconds."""

    delay = StrictIntegerField(minimum=0, maximum=int(LONGEST_DELAY.total_seconds()), required=False)


def progress_of(job: GenerationJob) -> dict[str, Any]:
    return {"percent": job.carousel.progress_percent, "message": job.carousel.progress_message}


def error_of(job: GenerationJob) -> dict[str, Any] | None:
    """Why the job ended without a result, or what the last try that failed said."""
    if not job.error_message:
        return None
    return {"code": job.error_code, "message": job.error_message}


def job_summary(job: GenerationJob) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "carouselId": str(job.carousel_id),
        "jobType": job.job_type,
        "status": job.status,
        "progress": progress_of(job),
        "retryCount": job.retry_count,
        "error": error_of(job),
        "createdAt": moment(job.created_at),
        "scheduledAt": moment(job.scheduled_at),
        "startedAt": moment(job.started_at),
        "completedAt": moment(job.completed_at),
    }
