from accounts.models.api_token import ApiToken
from accounts.models.balance_snapshot import BalanceSnapshot
from accounts.models.charge import Charge
from accounts.models.credit_account import CreditAccount
from accounts.models.credit_transfer import CreditTransfer
from accounts.models.customer_address import CustomerAddress
from accounts.models.customer_id import CustomerId
from accounts.models.customer_merge import OBJECTION_TIME, CustomerMerge
from accounts.models.request_count import RequestCount
from accounts.models.sign_in_link import SignInLink
from accounts.models.sign_in_mail import SignInMail
from accounts.models.user import User, time_zones

__all__ = [
    "OBJECTION_TIME",
    "ApiToken",
    "BalanceSnapshot",
    "Charge",
    "CreditAccount",
    "CreditTransfer",
    "CustomerAddress",
    "CustomerId",
    "CustomerMerge",
    "RequestCount",
    "SignInLink",
    "SignInMail",
    "User",
    "time_zones",
]
