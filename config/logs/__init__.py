"""The log: one line for each thing that an operator has to know, without personal data."""
