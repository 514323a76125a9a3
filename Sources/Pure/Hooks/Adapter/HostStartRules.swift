import InterlockModel

/// Decides whether a session of a host may begin (docs/specs/coding-agents.md, section 6).
///
/// INVARIANT: whatever is missing or not known is a refusal. Kept by `HostStartRulesTests`.
package struct HostStartRules: Sendable {
    package let host: HookHost
    /// The version that the host states, or nil if it states none.
    package let version: String?

    /// The oldest result of `doctor` that counts.
    package static let oldest = Duration.seconds(24 * 3600)
    /// The time that a probe has to start the host.
    package static let longestProbe = Duration.seconds(300)

    package init(_ host: HookHost, version: String?) {
        self.host = host
        self.version = version
    }

    /// Returns the first reason against a session, or nil if there is none.
    ///
    /// - Parameter isOfDoctor: true for a trial by `doctor`, which states no version, and makes the result that the last
    ///   two rules are about.
    package func refusal(_ status: HostStatus, isOfDoctor: Bool) -> HostStartRefusal? {
        guard status.halt == nil else { return .halted(status.agent.text) }
        switch status.policyState {
        case .signed: break
        case .unsigned: return .unsignedPolicy
        case .reloadRefused: return .refusedPolicy
        }
        return isOfDoctor ? nil : ofVersion ?? ofDoctor(status.doctor[host])
    }

    private var ofVersion: HostStartRefusal? {
        guard let text = version, let version = HostVersion(text) else { return .noVersion }
        // The facts of a host that no test has run name no version of its program.
        guard let least = HostVersion(host.facts.version), version >= least else {
            return .olderVersion(version.description, least: host.facts.version)
        }
        return nil
    }

    private func ofDoctor(_ checked: HostStatus.Checked?) -> HostStartRefusal? {
        guard let checked else { return .noResult(host) }
        let longest: Duration
        switch checked.state {
        case .finished(.good): longest = Self.oldest
        case .probing: longest = Self.longestProbe
        case .finished(let outcome): return .badResult(host, outcome)
        }
        return checked.ageSeconds <= longest.components.seconds ? nil : .oldResult(host)
    }
}

/// The reason why a session must not begin.
package enum HostStartRefusal: Sendable, Hashable, CustomStringConvertible {
    case halted(String)
    case unsignedPolicy, refusedPolicy
    case noVersion
    case olderVersion(String, least: String)
    case noResult(HookHost)
    case badResult(HookHost, DoctorOutcome)
    case oldResult(HookHost)

    /// One line, with the remedy.
    package var description: String {
        switch self {
        case .halted(let agent): "a halt of `\(agent)` is in force"
        case .unsignedPolicy:
            "no policy was ever signed off on the gateway: people sign it on the page Policy"
        case .refusedPolicy:
            "the policy on the gateway's disk has an error, so that another one is in force"
        case .noVersion: "the host states no version"
        case .olderVersion(let version, let least):
            "version \(version) is older than \(least), with which the hooks were tested"
        case .noResult(let host):
            "no result of doctor is known for this user: run `interlock doctor --host \(host.rawValue)`"
        case .badResult(let host, let outcome):
            "the last result of doctor is `\(outcome.rawValue)`: run `interlock doctor --host \(host.rawValue)`"
        case .oldResult(let host):
            "the last result of doctor is too old: run `interlock doctor --host \(host.rawValue)`"
        }
    }
}
