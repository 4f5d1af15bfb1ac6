"""The one way tests find programs of the system; `make test` installs them where it may."""

from __future__ import annotations

import os
import shutil

import pytest


def system_binary(name: str, package: str) -> str:
    """Return a program's path; without it skip the test, or fail where CI is set."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    binary = shutil.which(name, path=path)
    if binary is not None:
        return binary
    missing = f"no {name} on this machine (Debian package {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing}, and CI must run this test")
    pytest.skip(missing)
