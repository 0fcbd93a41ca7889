"""The page's numbers for Prometheus: what the store knows, and what people ask of the page."""
