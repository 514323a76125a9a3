package import InterlockEvals
package import InterlockJSON
package import InterlockModel

/// The demands on an agent before a person may widen its autonomy (docs/specs/trust-and-review.md, section 3).
package struct TrustCriteria: Sendable, Hashable {
    /// The demands of one stage.
    package struct Step: Sendable, Hashable {
        package var cleanRuns: Int
        package var days: Int
        package var templates: Int
        /// The threshold of the upper bound, at most 0.5.
        package var agentDenials: Fraction
        package var approvalsRejected: Fraction
        /// True if the stage holds only for runs with a verified sandbox attestation.
        package var requiresSandbox = false
    }

    /// A value for each stage that a promotion can reach.
    package struct PerStage<Value: Sendable & Hashable>: Sendable, Hashable {
        package var assisted: Value
        package var bounded: Value
        package var full: Value

        /// - Returns: nil for stage 0, which nothing has to be shown for.
        package subscript(stage: AutonomyStage) -> Value? {
            switch stage {
            case .gated: nil
            case .assisted: assisted
            case .bounded: bounded
            case .full: full
            }
        }
    }

    /// The least numbers of any stage. A file may raise them.
    package struct Minimums: Sendable, Hashable {
        package var cleanRuns: Int
        package var days: Int
        package var templates: Int

        /// The numbers below which no file loads.
        package static let least = Minimums(cleanRuns: 50, days: 5, templates: 2)
    }

    package var version: String
    package var interval: TrustInterval
    /// The most runs of a task template and UTC day that count.
    package var perCluster: Int
    /// The most that one template gives of the runs that count.
    package var templateShare: Fraction
    package var stages: PerStage<Step>
    /// The most incidents in the window.
    package var incidents: Int
    /// The least grave severity that counts: 1, the worst, to 3.
    package var incidentSeverity: Int
    package var incidentWindow: Duration
    /// The age of the owner's last confirmation.
    package var ownerConfirmed: Duration
    package var minimums: Minimums
    /// The time after which a promotion ends unless it is attested again.
    package var expiry: PerStage<Duration>
    package var cooldown: Duration
    package var cooldownAfterIncident: Duration

    /// The criteria of a file that states its version alone.
    package static let standard = TrustCriteria(
        version: "default", interval: .wilson, perCluster: 20, templateShare: fraction(4_000),
        stages: PerStage(
            assisted: Step(
                cleanRuns: 50, days: 5, templates: 2, agentDenials: fraction(1_000),
                approvalsRejected: fraction(1_000)),
            bounded: Step(
                cleanRuns: 300, days: 15, templates: 3, agentDenials: fraction(300),
                approvalsRejected: fraction(500)),
            full: Step(
                cleanRuns: 3_000, days: 60, templates: 5, agentDenials: fraction(50),
                approvalsRejected: fraction(200))),
        incidents: 0, incidentSeverity: 2, incidentWindow: days(90), ownerConfirmed: days(30),
        minimums: .least,
        expiry: PerStage(assisted: days(180), bounded: days(90), full: days(90)),
        cooldown: days(14), cooldownAfterIncident: days(30))

    private static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    private static func fraction(_ tenThousandths: Int) -> Fraction {
        guard let fraction = Fraction(tenThousandths: tenThousandths) else {
            preconditionFailure("a default is no rate")
        }
        return fraction
    }

    /// SHA-256 of the RFC 8785 form of all values, with the defaults of those that the file leaves out.
    ///
    /// - Returns: nil if the version has no canonical form.
    package func digest(hashing: any Hashing) -> Digest? {
        guard let bytes = try? json.canonical() else { return nil }
        return hashing.sha256(bytes)
    }

    /// All values; rates in ten-thousandths and times in seconds, so that no number has a fraction.
    package var json: JSONValue {
        [
            "v": 1, "version": .string(version), "interval": .string(interval.rawValue),
            "per_cluster": .integer(Int64(perCluster)),
            "template_share": .integer(Int64(templateShare.tenThousandths)),
            "stages": [
                "assisted": Self.json(stages.assisted), "bounded": Self.json(stages.bounded),
                "full": Self.json(stages.full),
            ],
            "incidents": .integer(Int64(incidents)),
            "incident_severity": .integer(Int64(incidentSeverity)),
            "incident_window": .integer(incidentWindow.components.seconds),
            "owner_confirmed": .integer(ownerConfirmed.components.seconds),
            "minimums": [
                "clean_runs": .integer(Int64(minimums.cleanRuns)),
                "days": .integer(Int64(minimums.days)),
                "templates": .integer(Int64(minimums.templates)),
            ],
            "expiry": [
                "assisted": .integer(expiry.assisted.components.seconds),
                "bounded": .integer(expiry.bounded.components.seconds),
                "full": .integer(expiry.full.components.seconds),
            ],
            "cooldown": .integer(cooldown.components.seconds),
            "cooldown_incident": .integer(cooldownAfterIncident.components.seconds),
        ]
    }

    private static func json(_ step: Step) -> JSONValue {
        var object: JSONObject = [
            "clean_runs": .integer(Int64(step.cleanRuns)), "days": .integer(Int64(step.days)),
            "templates": .integer(Int64(step.templates)),
            "agent_denials": .integer(Int64(step.agentDenials.tenThousandths)),
            "approvals_rejected": .integer(Int64(step.approvalsRejected.tenThousandths)),
        ]
        if step.requiresSandbox { object["requires"] = "sandbox" }
        return .object(object)
    }
}
