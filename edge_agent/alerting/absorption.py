"""Parts and their problems: which open alert absorbs another one of the same bed."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.alerting import parts
from edge_agent.alerting.lifecycle import is_active
from edge_agent.model.alerts import TEST_RULE, Alert, AlertPolicy
from edge_agent.model.signs import is_opposite


class Absorption:
    """Rules that absorb others.

    A problem absorbs the signs of the patient that were raised before it, and those raised up to
    `WITH_IT_S` after it, before it was acknowledged and while its condition holds. A sign that is
    raised later is reported on its own, whether the problem was acknowledged or not, even if it was
    a part before and had ended. The same holds for a sign that is more urgent than the problem, and
    for any sign under an alert about the monitoring. A sign that states less about the problem's
    own sign, which the rule names under `covers`, is absorbed at any time until the problem ends,
    its time of recovery included.

    A test neither absorbs an alert nor is part of one.

    Parameters
    ----------
    policies
        Policies of checked rules by id: no rule absorbs itself through others.
    """

    def __init__(self, policies: Mapping[str, AlertPolicy]) -> None:
        self._policies = policies
        by_urgency = sorted(policies.values(), key=lambda p: (-p.priority, p.rule_id))
        self._absorbers = {
            rule_id: [
                p.rule_id
                for p in by_urgency
                if p.absorbs_rule(rule_id) and TEST_RULE not in {p.rule_id, rule_id}
            ]
            for rule_id in policies
        }

    def root(self, alert: Alert, alerts: Mapping[str, Alert]) -> Alert | None:
        """Return the open alert that `alert` is part of, None where it stands alone."""
        if not alert.is_open:
            return None
        for rule_id in self._absorbers[alert.rule_id]:
            absorber = alerts.get(rule_id)
            if absorber is None or not absorber.is_open:
                continue
            root = self.root(absorber, alerts) or absorber
            if root is absorber and absorber.absorbed_by and not absorber.is_signalled:
                continue  # a part that was never reported waits for a new finding
            is_covered = self._covers(absorber, alert)
            if not parts.is_separate_sign(alert, root, is_covered=is_covered):
                return root
        return None

    def depth(self, rule_id: str) -> int:
        """Return the longest chain of rules that absorb a rule; problems precede their parts."""
        return max((1 + self.depth(absorber) for absorber in self._absorbers[rule_id]), default=0)

    def _covers(self, problem: Alert, alert: Alert) -> bool:
        """Return True if a problem that has not ended states more about the same sign."""
        is_named = self._policies[problem.rule_id].covers_rule(alert.rule_id)
        if not is_named or problem.kind is not alert.kind or not is_active(problem):
            return False
        is_urgent = alert.priority > problem.priority
        return not is_urgent and not is_opposite(alert.evidence, problem.evidence)


def problem_alert(alert: Alert, alerts: Mapping[str, Alert]) -> Alert | None:
    """Return the open alert that an alert is part of, None if it stands alone."""
    if not alert.absorbed_by:
        return None
    return next((a for a in alerts.values() if a.alert_id == alert.absorbed_by and a.is_open), None)
