"""Second reviews as values: draw, places, rubric, trend, what escaped, corrections. Pure."""
