"""Two listings side by side, with every number that decided."""
