"""All addresses: accounts, admin, and the pages of both apps. Health answers before these."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("review.urls")),
    path("", include("transcripts.urls")),
]
handler500 = "config.failures.failed"
