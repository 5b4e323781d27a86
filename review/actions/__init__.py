"""Every write of this app, as plain functions: rows, then the event, then the outside world."""
