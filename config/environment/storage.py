"""The private stores for files: folders on this machine, or prefixes in a bucket."""

from pathlib import Path
from typing import Any

import environ

from config.environment.buckets import read_bucket


def store(env: environ.Env, name: str, *, folder: Path) -> dict[str, Any]:
    """Return Django's settings for a store: the folder, or its name as a prefix in the bucket."""
    bucket = read_bucket(env.str(name, default=""))
    if bucket:
        return {"BACKEND": "config.s3.PrivateS3Storage", "OPTIONS": bucket.options(folder.name)}
    options: dict[str, Any] = {
        "location": folder,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def store_origin(env: environ.Env, name: str) -> str:
    """Return the origin from which browsers fetch files of the URL's bucket; '' without one."""
    bucket = read_bucket(env.str(name, default=""))
    return bucket.origin if bucket else ""
