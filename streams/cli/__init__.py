"""The command `matchstream`: each command translates and reports; it decides nothing."""
