"""Wires the applications together. Holds no rules."""
