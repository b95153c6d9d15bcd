"""The short code that a customer is asked to show in a picture or a video."""

from django.utils.crypto import salted_hmac

# What is read and written by hand: no two that look alike (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, VV W),
# and no vowel, so that no word comes out.
PROOF_ALPHABET = "34679CDFHJKMNPQRTWXY"
LENGTH = 5


def proof_code_for(*, shop_id: str, customer_id: int) -> str:
    """The code of one customer's order, such as 7K3QX: always the same, and told by nothing else.

    Of 3 million: two orders seldom share one, and nobody can work out another order's.
    """
    digest = salted_hmac("claims.proof_code", f"{customer_id}:{shop_id}", algorithm="sha256")
    rest = int.from_bytes(digest.digest())
    letters = []
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(PROOF_ALPHABET))
        letters.append(PROOF_ALPHABET[place])
    return "".join(letters)
