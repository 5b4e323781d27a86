"""What must be looked at in a document before it is signed: one file a check. Pure.

A check finds places; it never says that something is wrong. What the checks miss, and how often, is
in docs/safety.md.
"""
