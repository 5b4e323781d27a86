"""A walk through everything that Countersign does, for tests that look at what it leaves behind."""
