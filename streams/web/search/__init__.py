"""Search by words, by a photo, by both."""
