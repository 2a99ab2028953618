"""Carousels, slides and brand kits for support staff: shown with their pictures, never edited.

Pictures are loaded by addresses signed while the page is drawn; a carousel's only once it is complete.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator

from accounts.desk import ListPage, ReadOnly, ReadOnlyTable, color_swatches, pretty_json
from carousels import files
from carousels.models import BrandKit, Carousel, CarouselStatus, Slide


def pictures_of(slides: Iterable[Slide], request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "slide": slide,
            "image": files.address(key=slide.image_key, request=request),
            "thumbnail": files.address(key=slide.thumbnail_key, request=request),
        }
        for slide in slides
        if slide.carousel.status == CarouselStatus.COMPLETED and slide.image_key
    ]


class SlideTable(ReadOnlyTable):
    model = Slide
    fields = ("number", "kind", "title", "caption", "alt_text", "image_prompt")
    ordering = ("number",)


@admin.register(Carousel)
class CarouselAdmin(ReadOnly, ListPage):
    list_display = ("created_at", "status", "owner", "short_prompt", "image_count", "aspect_ratio", "theme")
    list_filter = ("status", "aspect_ratio", "theme", "language")
    list_select_related = ("user",)
    search_fields = ("user__email__contains", "prompt__icontains")
    uuid_fields = ("pk", "user")
    ordering = ("-created_at",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "id",
                    "user",
                    "status",
                    ("progress_percent", "progress_message"),
                    "error_message",
                    "prompt",
                )
            },
        ),
        ("Words", {"fields": ("title", "final_caption", "hashtags", "language", "written_by")}),
        ("Pictures", {"fields": ("image_count", "aspect_ratio", "theme")}),
        ("Times", {"fields": ("created_at", "updated_at", "estimated_completion_time")}),
        ("How it was made", {"fields": ("metadata",), "classes": ("collapse",)}),
    )
    readonly_fields = ("metadata",)
    inlines = [SlideTable]

    @admin.display(description="owner", ordering="user__email")
    def owner(self, carousel: Carousel) -> str:
        return carousel.user.email

    @admin.display(description="prompt")
    def short_prompt(self, carousel: Carousel) -> str:
        return Truncator(carousel.prompt).chars(60)

    @admin.display(description="generation metadata")
    def metadata(self, carousel: Carousel) -> str:
        return pretty_json(carousel.generation_metadata)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        context = self._shown(request, object_id) | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def _shown(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        carousel = self.get_object(request, object_id)
        if carousel is None:
            return {}
        slides = carousel.slides.select_related("carousel").order_by("number")
        is_ready = carousel.is_finished
        return {
            "pictures": pictures_of(slides, request),
            "pdf": files.address(key=carousel.pdf_key, request=request) if is_ready else None,
        }


@admin.register(Slide)
class SlideAdmin(ReadOnly, ListPage):
    list_display = ("carousel", "number", "kind", "title")
    list_filter = ("kind", "carousel__status")
    list_select_related = ("carousel",)
    search_fields = ("title__icontains",)
    uuid_fields = ("carousel",)
    email_field = "carousel__user__email"
    ordering = ("-carousel__created_at", "number")
    fields = ("carousel", "number", "kind", "title", "caption", "alt_text", "image_prompt", "content_json")
    readonly_fields = ("content_json",)

    @admin.display(description="content")
    def content_json(self, slide: Slide) -> str:
        return pretty_json(slide.content)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        slide = self.get_object(request, object_id)
        context = {"pictures": pictures_of([slide] if slide else [], request)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)


@admin.register(BrandKit)
class BrandKitAdmin(ReadOnly, ListPage):
    list_display = ("name", "handle", "owner", "swatches", "fonts", "is_default", "created_at")
    list_filter = ("is_default", "fonts")
    list_select_related = ("user",)
    search_fields = ("user__email__contains", "name__icontains", "handle__icontains")
    uuid_fields = ("pk", "user")
    ordering = ("-created_at",)
    fields = (
        "id",
        "user",
        ("name", "handle"),
        "swatches",
        "fonts",
        "is_default",
        ("created_at", "updated_at"),
    )
    readonly_fields = ("swatches",)

    @admin.display(description="owner", ordering="user__email")
    def owner(self, kit: BrandKit) -> str:
        return kit.user.email

    @admin.display(description="colors")
    def swatches(self, kit: BrandKit) -> str:
        return color_swatches(kit.colors)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        kit = self.get_object(request, object_id)
        keys = [kit.logo_key, kit.avatar_key] if kit else []
        addresses = [files.address(key=key, request=request) for key in keys if key]
        context = {"brand_pictures": addresses} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)
