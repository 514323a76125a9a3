package import InterlockModel

/// The times of the newest releases, by target. A release ends runs, so credentials that were issued before it are invalid
/// (docs/specs/kill-switch.md, section 8).
///
/// INVARIANT: no credential that was issued before a release of its agent is valid after it, also after a restart. Kept by
/// `ReleaseCutoffTests`, `test_kill.py`.
package struct ReleaseCutoffs: Sendable {
    private var times: [HaltTarget: Timestamp] = [:]

    /// The time after a release for which a credential that does not state when it was issued is invalid.
    static let unstated = Duration.seconds(86_400)

    package init() {}

    /// Targets that stop no callers are ignored.
    package mutating func add(_ targets: some Sequence<HaltTarget>, at time: Timestamp) {
        for target in targets where target.stopsCallers {
            times[target] = max(time, times[target] ?? time)
        }
    }

    /// Returns the time of the last release of the target itself, or nil if there was none.
    func newest(of target: HaltTarget) -> Timestamp? { times[target] }

    /// - Parameter owner: of the principal's agent; nil counts as each owner.
    func refuses(_ principal: Principal, owner: () -> Pseudonym?, at now: Timestamp) -> Bool {
        guard !times.isEmpty, let released = newest(for: principal, owner()) else { return false }
        guard let issued = principal.issued else { return now < released + Self.unstated }
        // Credentials state whole seconds. One of this gateway that was issued in that second, but before the release, names
        // a run that has ended; one from outside names none.
        return principal.isFromOutside
            ? issued.seconds <= released.seconds : issued.seconds < released.seconds
    }

    private func newest(for principal: Principal, _ owner: Pseudonym?) -> Timestamp? {
        var found = [HaltTarget.org, .agent(principal.agent), .run(principal.run)]
            .compactMap { times[$0] }
        if principal.agent.isCanary, let time = times[.drill] { found.append(time) }
        if let owner {
            if let time = times[.owner(owner)] { found.append(time) }
        } else {
            found += times.compactMap { target, time in
                if case .owner = target { time } else { nil }
            }
        }
        return found.max()
    }
}
