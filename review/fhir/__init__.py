"""The read-only FHIR R4 endpoint: signed documents, and for auditors the audit log."""
