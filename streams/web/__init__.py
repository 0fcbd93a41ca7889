"""The web page and its interface: live matches, price comparison, review by people, search."""
