"""Content: a carousel and its slides. No money, no jobs: `written_by` is a text, never a key.

Rows are written by `carousels/authoring.py` alone. Files are named by keys of the storage;
addresses are signed when answering (`carousels/files.py`), never stored. A slide's foreign key has its
constraint in migration 0001: Django writes no ON DELETE CASCADE itself.
"""

import re
import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from carousels.brief import ASPECT_RATIOS, DEFAULT_ASPECT_RATIO, SLIDES_MAX
from carousels.providers.base import SLIDE_KINDS

EMPHASIS = re.compile(r"\*([^*\n]+)\*")
QUEUED_MESSAGE = "Queued for processing..."


class CarouselStatus(models.TextChoices):
    PENDING = "pending"  # waiting for its job to start
    PROCESSING = "processing"  # being written and drawn
    COMPLETED = "completed"  # slides, PDF and captions are there; or the words, when only they were asked for
    FAILED = "failed"  # the last run ended without a result
    CANCELLED = "cancelled"  # the owner or an operator stopped it


class Carousel(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="carousels", db_index=False)
    prompt = models.TextField()
    image_count = models.IntegerField()
    aspect_ratio = models.CharField(
        max_length=5, default=DEFAULT_ASPECT_RATIO, db_default=DEFAULT_ASPECT_RATIO
    )
    status = models.CharField(
        max_length=10,
        choices=CarouselStatus,
        default=CarouselStatus.PENDING,
        db_default=CarouselStatus.PENDING,
    )
    progress_percent = models.IntegerField(default=0, db_default=0)
    progress_message = models.TextField(
        null=True, blank=True, default=QUEUED_MESSAGE, db_default=QUEUED_MESSAGE
    )
    estimated_completion_time = models.DateTimeField(null=True, blank=True)
    title = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=12, blank=True, default="", db_default="")
    theme = models.CharField(max_length=40, blank=True, default="", db_default="")
    palette = models.CharField(max_length=40, blank=True, default="", db_default="")
    brand = models.JSONField(default=dict, blank=True, db_default={})
    hashtags = models.JSONField(default=list, db_default=[])
    final_caption = models.TextField(null=True, blank=True)
    written_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    pdf_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    generation_metadata = models.JSONField(null=True, blank=True)
    error_message = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "carousels"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CarouselStatus.values), name="carousel_status_known"
            ),
            models.CheckConstraint(
                condition=Q(progress_percent__gte=0, progress_percent__lte=100),
                name="carousel_progress_percent",
            ),
            models.CheckConstraint(
                condition=Q(aspect_ratio__in=ASPECT_RATIOS), name="carousel_aspect_ratio_known"
            ),
        ]
        indexes = [
            models.Index(fields=["progress_percent"], name="idx_carousels_progress"),
            models.Index(fields=["user", "-created_at"], name="idx_carousels_user_newest"),
        ]

    def __str__(self) -> str:
        return self.title or self.prompt[:60]

    @property
    def is_finished(self) -> bool:
        """Slides, PDF and captions are there; one that is only written has no files."""
        return self.status == CarouselStatus.COMPLETED and bool(self.pdf_key)


class Slide(models.Model):
    """`content` holds what only some kinds have: index, items, kicker, stat, author, role, button...

    `art_source` says where the picture came from: provider, model, prompt, isPhoto, and isStandIn when it
    was drawn in place of a model's; and for drawn art what it was drawn for (seed, theme, palette, colors,
    aspectRatio), so that it can be drawn again.
    """

    carousel = models.ForeignKey(
        Carousel, on_delete=models.CASCADE, related_name="slides", db_index=False, db_constraint=False
    )
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    title = models.TextField()
    caption = models.TextField(blank=True, default="", db_default="")
    content = models.JSONField(default=dict, db_default={})
    image_prompt = models.TextField(blank=True, default="", db_default="")
    alt_text = models.TextField(blank=True, default="", db_default="")
    art_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    art_source = models.JSONField(default=dict, blank=True, db_default={})
    image_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    jpeg_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    thumbnail_key = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        db_table = "slides"
        constraints = [
            models.UniqueConstraint(fields=["carousel", "number"], name="slide_number_unique_per_carousel"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=SLIDES_MAX), name="slide_number_in_range"
            ),
            models.CheckConstraint(condition=Q(kind__in=SLIDE_KINDS), name="slide_kind_known"),
        ]

    def __str__(self) -> str:
        return f"slide {self.number} of {self.carousel_id}"

    @property
    def plain_title(self) -> str:
        """The title without the one inline mark that it may carry: *emphasis*."""
        return EMPHASIS.sub(r"\1", self.title)

    @property
    def is_stand_in(self) -> bool:
        """Its art was drawn in place of a picture that no AI service made."""
        return bool(self.art_source.get("isStandIn"))


class BrandKit(models.Model):
    """A creator's own look. A carousel keeps a copy of what it was made with, never a key to this row.

    Written by `carousels/brands.py` alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="brand_kits", db_index=False)
    name = models.CharField(max_length=80)
    handle = models.CharField(max_length=60, blank=True, default="", db_default="")
    logo_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    avatar_key = models.CharField(max_length=300, blank=True, default="", db_default="")
    colors = models.JSONField(default=list, db_default=[], blank=True)
    fonts = models.CharField(max_length=40, blank=True, default="", db_default="")
    is_default = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "brand_kits"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="one_default_brand_per_user"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="brand_kit_has_a_name"),
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="idx_brand_kits_user")]

    def __str__(self) -> str:
        return self.name
