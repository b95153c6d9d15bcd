"""A Django storage for a bucket, with time limits and one request for each stored file.

It is separate from the settings, so that the S3 client, which is slow to import, is loaded only if
STORAGE_URL names a bucket.
"""

from __future__ import annotations

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5
READ_SECONDS = 30
TRIES = 2
CONNECTIONS = 32
"""The connections of each process, which its threads share."""
MOST_BYTES_PUT = 5 * 1024**3
"""S3's own limit for one request, far above the size of any upload."""
CHUNK = 8 * 1024 * 1024


class PrivateS3Storage(S3Storage):  # type: ignore[misc]  # django-storages ships no types
    """A storage that puts a file whole or not at all; a broken transfer leaves nothing behind."""

    def __init__(self, *, addressing_style: str, **options: Any) -> None:
        super().__init__(
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": addressing_style},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=CONNECTIONS,
            ),
            # Sends in the caller's thread, so that memory doesn't grow with the size of a file.
            transfer_config=TransferConfig(
                multipart_threshold=MOST_BYTES_PUT, multipart_chunksize=CHUNK, use_threads=False
            ),
            **options,
        )
