"""Products to browse, a product with its offers, and what an offer cost before."""
