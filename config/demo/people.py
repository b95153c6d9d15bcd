"""The people who sign in to the demo. They all have the same password, which is no secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import User

PASSWORD: Final = "show-me-the-claims"  # noqa: S105  # printed at every start


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    what_for: str
    group: str = ""
    time_zone: str = "UTC"
    currency: str = "EUR"
    is_superuser: bool = False


ANN: Final = "ann@example.com"
SUE: Final = "sue@example.com"
MAX: Final = "max@example.com"

CUSTOMERS: Final = (
    Person(ANN, "Ann Berger", "customer with an order for every clause", "", "Europe/Berlin"),
    Person("bob@example.com", "Bob Carter", "customer with a few claims", "", "Europe/London"),
    Person("carla.rossi@example.com", "Carla Rossi", "customer", "", "Europe/Rome"),
    Person("dmitri.volkov@example.com", "Dmitri Volkov", "customer", "", "Asia/Almaty"),
    Person("emeka.obi@example.com", "Emeka Obi", "customer", "", "Africa/Lagos"),
    Person("fatima.haddad@example.com", "Fatima Haddad", "customer", "", "Africa/Casablanca"),
    Person("grace.lim@example.com", "Grace Lim", "customer", "", "Asia/Singapore"),
    Person("hugo.martin@example.com", "Hugo Martin", "customer", "", "Europe/Paris"),
    Person("ines.silva@example.com", "Inês Silva", "customer", "", "Europe/Lisbon"),
    Person("john.miller@example.com", "John Miller", "customer", "", "America/Chicago", "USD"),
    Person("kasia.nowak@example.com", "Kasia Nowak", "customer", "", "Europe/Warsaw"),
    Person("linh.tran@example.com", "Linh Trần", "customer", "", "Asia/Ho_Chi_Minh"),
)
STAFF: Final = (
    Person(SUE, "Sue", "reviews and decides claims", "Support"),
    Person(MAX, "Max", "supervises: decides, policy versions", "Supervisor"),
    Person("rita@example.com", "Rita", "exports claims", "Reports"),
    Person("otto@example.com", "Otto", "audits: reads all, changes nothing", "Auditor"),
)
ADMIN: Final = Person("admin@example.com", "Admin", "superuser", is_superuser=True)
PEOPLE: Final = (*CUSTOMERS, *STAFF, ADMIN)


def add_person(person: Person, *, joined_at: datetime) -> User:
    """Return the person's account; create it if it is missing."""
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            PASSWORD,
            display_name=person.name,
            time_zone=person.time_zone,
            is_staff=bool(person.group) or person.is_superuser,
            is_superuser=person.is_superuser,
            date_joined=joined_at,
        )
    EmailAddress.objects.get_or_create(
        user=user, email=person.email, defaults={"verified": True, "primary": True}
    )
    if person.group:
        user.groups.add(Group.objects.get(name=person.group))
    return user
