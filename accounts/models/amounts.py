"""Columns for amounts of credit and their currencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.validators import RegexValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

CURRENCY: Final = r"^[A-Z][A-Z0-9]{2,9}$"
"""The pattern of ISO 4217 codes and of the shop's own units, such as `USDT`."""

if TYPE_CHECKING:
    # The stubs tell nullable fields apart by the parameters of the field's own class.
    AmountField = models.DecimalField
else:

    class AmountField(models.DecimalField):
        """An exact amount with the digits that it was given: 2.50 EUR, 250 JPY, 0.125 KWD.

        The column is a `numeric` without a scale, because currencies differ in theirs. The doors
        bring an amount to the digits of its currency.
        """

        def __init__(self, *args: Any, **options: Any) -> None:
            options.update(max_digits=24, decimal_places=8)
            super().__init__(*args, **options)

        def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
            name, path, args, options = super().deconstruct()
            del options["max_digits"], options["decimal_places"]
            return name, path, args, options

        def db_type(self, connection: BaseDatabaseWrapper) -> str:
            return "numeric"


def currency_field(name: Any = None) -> models.CharField[str, str]:
    return models.CharField(name, max_length=10, validators=[RegexValidator(CURRENCY)])
