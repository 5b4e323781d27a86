"""Pages and answers of this app. A view parses, asks for permission, calls, and answers."""
