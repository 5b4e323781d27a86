"""Text becomes a signed document: edits, flags, signatures, releases, the audit log."""
