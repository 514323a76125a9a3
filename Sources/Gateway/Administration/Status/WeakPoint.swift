package import InterlockModel

/// Something that makes the gateway less safe than it could be, while its parts may all work.
package struct WeakPoint: Sendable, Hashable {
    package enum Kind: String, CaseIterable, Sendable {
        case policyUnsigned = "policy_unsigned"
        case policyAlone = "policy_signed_alone"
        case policyRefused = "policy_refused"
        case lockUnsigned = "lock_unsigned"
        case serverWeak = "server_weak"
        case serverWithheld = "server_withheld"
        case noWitness = "no_witness"
        case noChannel = "no_channel"
        case onePageChannel = "one_page_channel"
        case drill, ends
        case indexBehind = "index_behind"
        case payloadKeys = "payload_keys"
        case clock
    }

    package let kind: Kind
    package let words: String
    package let remedy: String

    package init(_ kind: Kind, _ words: String, remedy: String) {
        self.kind = kind
        self.words = words
        self.remedy = remedy
    }
}

/// The parts and the weak points of the gateway at one moment.
package struct GatewayHealth: Sendable {
    package let at: Timestamp
    package let checks: [HealthCheck]
    /// Only what one person sees.
    package let weakPoints: [WeakPoint]
    /// One sentence for each loop that has not come round for too long.
    package let stuck: [String]

    package init(
        at: Timestamp, checks: [HealthCheck], weakPoints: [WeakPoint], stuck: [String] = []
    ) {
        self.at = at
        self.checks = checks
        self.weakPoints = weakPoints
        self.stuck = stuck
    }
}

extension WeakPoint {
    /// Makes the weak point that a check names; nil if it is working, unknown, or a fault.
    package init?(_ check: HealthCheck) {
        guard let remedy = check.remedy, let kind = Kind(check) else { return nil }
        self.init(kind, check.words, remedy: remedy)
    }
}

extension WeakPoint.Kind {
    /// Returns nil for what works, refuses calls, or is not known at the moment.
    fileprivate init?(_ check: HealthCheck) {
        guard check.state == .attention || check.state == .notSetUp else { return nil }
        switch check.part {
        case .policy: self = .policyUnsigned
        case .servers: self = .serverWithheld
        case .notifications: self = .noChannel
        case .witnesses: self = .noWitness
        case .killSwitch: self = .drill
        case .clock: self = .clock
        case .log, .store, .limits: return nil
        }
    }
}
