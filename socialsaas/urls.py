"""Everything the server answers. The API's addresses end without a slash."""

from django.contrib import admin
from django.urls import path, re_path

from billing.payments.views import Checkout, CreditPacks, Portal, StripeWebhook
from billing.views import CurrentUser, Ledger
from carousels.brand_views import BrandDetail, BrandList, BrandPicture
from carousels.views import CarouselExport, SignedFile
from jobs.money_views import JobReceipt, Quotes
from jobs.states import JobType
from jobs.views import (
    CarouselDetail,
    CarouselRedraw,
    CarouselRender,
    Generate,
    JobCancel,
    JobEvents,
    JobList,
    JobRequeue,
    QueueProcess,
    QueueStatus,
)
from rest.views import UnknownPath
from socialsaas.health.views import Alive, Metrics, Ready

urlpatterns = [
    path("api/carousel/generate", Generate.as_view(), name="generate"),
    path("api/carousel/strategy", Generate.as_view(job_type=JobType.STRATEGY), name="strategy"),
    path("api/carousel/<str:carousel_id>", CarouselDetail.as_view(), name="carousel"),
    path("api/carousel/<str:carousel_id>/render", CarouselRender.as_view(), name="carousel-render"),
    path("api/carousel/<str:carousel_id>/image", CarouselRedraw.as_view(), name="carousel-image"),
    path("api/carousel/<str:carousel_id>/export", CarouselExport.as_view(), name="carousel-export"),
    path("api/queue/status/<str:job_id>", QueueStatus.as_view(), name="queue-status"),
    path("api/queue/process", QueueProcess.as_view(), name="queue-process"),
    path("api/jobs", JobList.as_view(), name="jobs"),
    path("api/jobs/<str:job_id>/events", JobEvents.as_view(), name="job-events"),
    path("api/jobs/<str:job_id>/cancel", JobCancel.as_view(), name="job-cancel"),
    path("api/jobs/<str:job_id>/requeue", JobRequeue.as_view(), name="job-requeue"),
    path("api/jobs/<str:job_id>/receipt", JobReceipt.as_view(), name="job-receipt"),
    path("api/quotes", Quotes.as_view(), name="quotes"),
    path("api/brands", BrandList.as_view(), name="brands"),
    path("api/brands/<str:brand_id>", BrandDetail.as_view(), name="brand"),
    path("api/brands/<str:brand_id>/logo", BrandPicture.as_view(picture="logo"), name="brand-logo"),
    path("api/brands/<str:brand_id>/avatar", BrandPicture.as_view(picture="avatar"), name="brand-avatar"),
    path("api/health", Alive.as_view(), name="alive"),
    path("api/health/ready", Ready.as_view(), name="ready"),
    path("api/metrics", Metrics.as_view(), name="metrics"),
    path("api/credits/ledger", Ledger.as_view(), name="ledger"),
    path("api/user", CurrentUser.as_view(), name="user"),
    path("api/credits/packs", CreditPacks.as_view(), name="credit-packs"),
    path("api/credits/checkout", Checkout.as_view(), name="checkout"),
    path("api/credits/portal", Portal.as_view(), name="portal"),
    path("api/stripe/webhook", StripeWebhook.as_view(), name="stripe-webhook"),
    path("api/files/<path:key>", SignedFile.as_view(), name="file"),
    re_path(r"^api(?:/|$)", UnknownPath.as_view()),
    path("admin/", admin.site.urls),
]
