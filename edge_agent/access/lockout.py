"""Delays after failed log-ins, by account, by address and by shared screen; no file, no clock.

A failure counts before the secret is compared, so that many attempts at once do not slip through.
Delays grow and are told to the person. Somebody who guesses elsewhere cannot lock a person out of
a shared screen of the ward: failures there have counts of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_NS: Final = 1_000_000_000
FOREVER_S: Final = float("inf")


@dataclass(frozen=True, slots=True)
class LockPolicy:
    """Delays for one kind of count; the numbers are design start values, unvalidated."""

    free: int
    """Failures without a delay."""
    first_s: float
    """Delay after the next one, seconds; it doubles with each further one."""
    longest_s: float
    forgiven_s: float
    """Seconds after which one failure no longer counts."""
    most: int = 1_000_000
    """Failures after which only a person lifts the lock."""


OF_ACCOUNT: Final = LockPolicy(free=4, first_s=5.0, longest_s=900.0, forgiven_s=86_400.0, most=100)
"""Password of one account, from anywhere but a shared screen; at most 100 failures in a row, after
NIST SP 800-63B-4, 3.2.2."""
OF_ACCOUNT_AT_STATION: Final = LockPolicy(free=4, first_s=5.0, longest_s=60.0, forgiven_s=3600.0)
"""Password of one account at one shared screen: who guesses there is seen doing it."""
OF_ADDRESS: Final = LockPolicy(free=20, first_s=5.0, longest_s=300.0, forgiven_s=60.0)
"""Everything from one address, behind which a whole ward may be."""
OF_STATION: Final = LockPolicy(free=10, first_s=5.0, longest_s=60.0, forgiven_s=30.0)
"""Badges that are unknown, at one shared screen."""
OF_PIN: Final = LockPolicy(free=5, first_s=0.0, longest_s=0.0, forgiven_s=FOREVER_S, most=5)
"""PIN of one account: after five wrong ones in a row it is not accepted until the person has given
the password or the badge; NIST SP 800-63B-4, 3.2.10, allows at most 10 for such secrets."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures of one account, address or screen in a row."""

    count: int = 0
    newest_utc_ns: int = 0
    """Time of the newest one, or up to which older ones are forgiven; 0 without one."""


def counted(failures: Failures, policy: LockPolicy, now_utc_ns: int) -> Failures:
    """Return the count with one more failure."""
    return Failures(forgiven(failures, policy, now_utc_ns).count + 1, now_utc_ns)


def taken_back(failures: Failures) -> Failures:
    """Return the count without one failure that turned out to be none."""
    return Failures(max(0, failures.count - 1), failures.newest_utc_ns)


def wait_s(failures: Failures, policy: LockPolicy, now_utc_ns: int) -> float:
    """Return the seconds until the next attempt is allowed; 0 if it is, infinite for a lock."""
    now = forgiven(failures, policy, now_utc_ns)
    if now.count >= policy.most:
        return FOREVER_S
    if now.count <= policy.free:
        return 0.0
    delay_s = min(policy.first_s * 2.0 ** min(now.count - policy.free - 1, 60), policy.longest_s)
    passed_s = (now_utc_ns - now.newest_utc_ns) / _NS
    return max(0.0, delay_s - passed_s)


def forgiven(failures: Failures, policy: LockPolicy, now_utc_ns: int) -> Failures:
    """Return the count without the failures that no longer count.

    A clock that was set back does not lengthen a delay: a failure in the future counts as one now.
    """
    if failures.count >= policy.most or failures.count == 0:
        return failures
    if failures.newest_utc_ns > now_utc_ns:
        return Failures(failures.count, now_utc_ns)
    fewer = int((now_utc_ns - failures.newest_utc_ns) / _NS // policy.forgiven_s)
    if fewer == 0:
        return failures
    at_ns = failures.newest_utc_ns + round(fewer * policy.forgiven_s * _NS)
    return Failures(max(0, failures.count - fewer), at_ns)
