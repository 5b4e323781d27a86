"""Sending news and documents to other systems. Pure: what is owed to whom is in the actions."""
