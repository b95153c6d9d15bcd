"""The private places for files: folders of this machine, or prefixes in a bucket."""

from pathlib import Path
from typing import Any

import environ

from config.environment.buckets import read_bucket


def store(env: environ.Env, name: str, *, folder: Path) -> dict[str, Any]:
    """Django's settings of a store: the folder, or its name as a prefix in the URL's bucket."""
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
    """Where browsers fetch files from the URL's bucket; empty without one."""
    bucket = read_bucket(env.str(name, default=""))
    return bucket.origin if bucket else ""
