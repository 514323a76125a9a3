import InterlockEvals

/// A number of a criteria file that admits more than the one before.
package struct LoosenedNumber: Sendable, Hashable {
    /// The key with its path: `stages.full.agent_denials`.
    package let key: String
    package let before: String
    package let after: String

    package var text: String { "\(key): \(before) to \(after)" }
}

extension TrustCriteria {
    /// The numbers that this file loosens compared with `former`; empty if it is equal or stricter. A widening needs
    /// the review of one (docs/specs/trust-and-review.md, section 3).
    package func loosened(from former: TrustCriteria) -> [LoosenedNumber] {
        var list = LooserNumbers()
        for (name, old, new) in [
            ("assisted", former.stages.assisted, stages.assisted),
            ("bounded", former.stages.bounded, stages.bounded),
            ("full", former.stages.full, stages.full),
        ] {
            list.lower("stages.\(name).clean_runs", old.cleanRuns, new.cleanRuns)
            list.lower("stages.\(name).days", old.days, new.days)
            list.lower("stages.\(name).templates", old.templates, new.templates)
            list.higher("stages.\(name).agent_denials", old.agentDenials, new.agentDenials)
            list.higher(
                "stages.\(name).approvals_rejected", old.approvalsRejected, new.approvalsRejected)
            if old.requiresSandbox, !new.requiresSandbox {
                list.add("stages.\(name).requires", "sandbox", "nothing")
            }
        }
        list.higher("per_cluster", former.perCluster, perCluster)
        list.higher("template_share", former.templateShare, templateShare)
        // Which of the two bounds is the higher one depends on the counts.
        if former.interval != interval {
            list.add("interval", former.interval.rawValue, interval.rawValue)
        }
        list.higher("always.incidents", former.incidents, incidents)
        // Severity 1 is the worst: a lower number counts fewer incidents.
        list.lower("always.incident_severity", former.incidentSeverity, incidentSeverity)
        list.shorter("always.incident_window", former.incidentWindow, incidentWindow)
        list.longer("always.owner_confirmed", former.ownerConfirmed, ownerConfirmed)
        list.lower("minimums.clean_runs", former.minimums.cleanRuns, minimums.cleanRuns)
        list.lower("minimums.days", former.minimums.days, minimums.days)
        list.lower("minimums.templates", former.minimums.templates, minimums.templates)
        list.longer("expiry.assisted", former.expiry.assisted, expiry.assisted)
        list.longer("expiry.bounded", former.expiry.bounded, expiry.bounded)
        list.longer("expiry.full", former.expiry.full, expiry.full)
        list.shorter("cooldown.default", former.cooldown, cooldown)
        list.shorter("cooldown.incident", former.cooldownAfterIncident, cooldownAfterIncident)
        return list.all
    }
}

private struct LooserNumbers {
    private(set) var all: [LoosenedNumber] = []

    mutating func add(_ key: String, _ before: String, _ after: String) {
        all.append(LoosenedNumber(key: key, before: before, after: after))
    }

    /// The lower number admits more.
    mutating func lower(_ key: String, _ before: Int, _ after: Int) {
        if after < before { add(key, "\(before)", "\(after)") }
    }

    /// The higher number admits more.
    mutating func higher(_ key: String, _ before: Int, _ after: Int) {
        if after > before { add(key, "\(before)", "\(after)") }
    }

    mutating func higher(_ key: String, _ before: Fraction, _ after: Fraction) {
        if after > before {
            add(
                key, TrustRateText.percent(before.double), TrustRateText.percent(after.double))
        }
    }

    mutating func shorter(_ key: String, _ before: Duration, _ after: Duration) {
        if after < before { add(key, days(before), days(after)) }
    }

    mutating func longer(_ key: String, _ before: Duration, _ after: Duration) {
        if after > before { add(key, days(before), days(after)) }
    }

    private func days(_ length: Duration) -> String {
        let seconds = length.components.seconds
        return seconds % 86_400 == 0 ? "\(seconds / 86_400)d" : "\(seconds)s"
    }
}
