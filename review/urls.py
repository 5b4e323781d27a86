"""Addresses of this app's pages and answers."""

from django.urls import path

from review.views import audit, details, document, rerun, screen, sign, worklist

urlpatterns = [
    path("", worklist.worklist, name="worklist"),
    path("recordings/<uuid:recording_id>/", screen.recording, name="recording"),
    path("recordings/<uuid:recording_id>/state", screen.state, name="state"),
    path("recordings/<uuid:recording_id>/operations", screen.operations, name="operations"),
    path("recordings/<uuid:recording_id>/details/", details.details, name="details"),
    path("recordings/<uuid:recording_id>/again/", rerun.again, name="again"),
    path("recordings/<uuid:recording_id>/again/accept", rerun.accept, name="again-accept"),
    path("recordings/<uuid:recording_id>/again/dismiss", rerun.dismiss, name="again-dismiss"),
    path("recordings/<uuid:recording_id>/sign/", sign.sign, name="sign"),
    path("recordings/<uuid:recording_id>/document.<str:form>", document.document, name="document"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export.csv", audit.audit_export, name="audit-export"),
]
