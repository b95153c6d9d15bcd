"""The reader of STORAGE_URL, which names the S3-compatible bucket that keeps the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment.addresses import split

EXAMPLE = "s3://bucket?endpoint_url=https://host&region_name=x"
CHOICES = {
    "addressing_style": {"path", "virtual"},
    "sse": {"AES256", "aws:kms", "off"},
    "acl": {"private", "off"},
}
PARAMETERS = {"endpoint_url", "region_name", *CHOICES}
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A private bucket. Each storage of the portal is a prefix in it."""

    name: str
    endpoint_url: str = ""
    """The store's address; '' for Amazon's in the region."""
    region_name: str = ""
    addressing_style: str = ""
    sse: str = "AES256"
    """The encryption to request with every file; `off` for a store that has none."""
    acl: str = "off"
    """`private` for an old store whose files aren't private by default."""

    @property
    def style(self) -> str:
        """The place of the bucket's name in addresses: `path`, or `virtual` for the host name."""
        if "." in self.name:
            return "path"  # no certificate covers such a host name
        return self.addressing_style or ("path" if self.endpoint_url else "virtual")

    @property
    def endpoint(self) -> str:
        return self.endpoint_url or f"https://s3.{self.region_name}.amazonaws.com"

    @property
    def origin(self) -> str:
        """The scheme and host of the files, for a Content-Security-Policy."""
        url = urlsplit(self.endpoint)
        host = url.netloc if self.style == "path" else f"{self.name}.{url.netloc}"
        return f"{url.scheme}://{host}".lower()

    def options(self, folder: str) -> dict[str, Any]:
        """Return the options of `config.s3.PrivateS3Storage`."""
        return {
            "bucket_name": self.name,
            "endpoint_url": self.endpoint,
            "region_name": self.region_name or None,
            "addressing_style": self.style,
            "location": folder,
            "object_parameters": {} if self.sse == "off" else {"ServerSideEncryption": self.sse},
            "default_acl": None if self.acl == "off" else self.acl,
            "file_overwrite": False,
            "max_memory_size": 8 * MEBIBYTE,
        }


def read_bucket(url: str) -> Bucket | None:
    """Return the bucket; None for an empty URL, which means a local folder.

    Raises `ImproperlyConfigured`.
    """
    if not url:
        return None
    parts = split("STORAGE_URL", url, example=EXAMPLE)
    said = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured(f"STORAGE_URL must name an S3 bucket: {EXAMPLE}")
    _refuse_unknown(said)
    endpoint = split(
        "STORAGE_URL", said.get("endpoint_url", "https://s3.example.com"), example=EXAMPLE
    )
    if endpoint.scheme not in {"http", "https"} or not endpoint.hostname:
        raise ImproperlyConfigured("STORAGE_URL: endpoint_url must begin with https:// and a host.")
    if not said.get("endpoint_url") and not said.get("region_name"):
        raise ImproperlyConfigured(f"STORAGE_URL must say endpoint_url or region_name: {EXAMPLE}")
    return Bucket(name=parts.netloc, **said)


def _refuse_unknown(said: dict[str, str]) -> None:
    for parameter, value in said.items():
        if parameter not in PARAMETERS:
            known = ", ".join(sorted(PARAMETERS))
            raise ImproperlyConfigured(f"STORAGE_URL: {parameter} is none of {known}.")
        choices = CHOICES.get(parameter, {value})
        if value not in choices:
            raise ImproperlyConfigured(
                f"STORAGE_URL: {parameter} must be one of {', '.join(sorted(choices))}."
            )
