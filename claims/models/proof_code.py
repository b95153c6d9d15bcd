"""The short code that a customer is asked to show in a picture or a video."""

from django.utils.crypto import salted_hmac

# People read and write these by hand: no two look alike (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, VV W), and
# without vowels they form no word.
PROOF_ALPHABET = "34679CDFHJKMNPQRTWXY"
LENGTH = 5


def proof_code_for(*, shop_id: str, customer_id: int) -> str:
    """Return the code of one customer's order, such as 7K3QX. It is always the same.

    There are 3 million codes: two orders seldom share one, and nobody can work out another's.
    """
    digest = salted_hmac("claims.proof_code", f"{customer_id}:{shop_id}", algorithm="sha256")
    rest = int.from_bytes(digest.digest())
    letters = []
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(PROOF_ALPHABET))
        letters.append(PROOF_ALPHABET[place])
    return "".join(letters)
