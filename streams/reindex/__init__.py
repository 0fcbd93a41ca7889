"""Generations beside one another: beginning one, seeing how far it is, exchanging the live one, dropping one."""
