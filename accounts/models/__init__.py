from accounts.models.credit_account import CreditAccount
from accounts.models.credit_transfer import CreditTransfer
from accounts.models.user import User

__all__ = ["CreditAccount", "CreditTransfer", "User"]
