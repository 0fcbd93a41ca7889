"""Who may write, how often, and what a browser is allowed to do with a page."""
