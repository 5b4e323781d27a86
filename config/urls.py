"""All addresses: health, accounts, admin, and the pages of both apps."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("review.urls")),
    path("", include("transcripts.urls")),
]
