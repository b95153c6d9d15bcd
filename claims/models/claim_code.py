"""The public codes of claims."""

import secrets

# Crockford's base 32, which has no letter that people mistake for a digit.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """Return an unguessable public code of 60 random bits, such as CLM-7K3M-9QXD-2FTR."""
    groups = ("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(["CLM", *groups])
