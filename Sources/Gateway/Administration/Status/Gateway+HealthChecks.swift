import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts

extension Gateway {
    /// The finding of a part whose facts the gateway has in memory.
    func healthFinding(_ part: HealthCheck.Part, _ facts: HealthFacts) -> HealthFinding {
        let reasons = unsound.filter { $0.part == part.unready }.map(\.reason)
        guard reasons.isEmpty else {
            return HealthFinding(
                state: .problem, words: reasons.joined(separator: "; "), remedy: part.repair,
                seen: clock.boot)
        }
        return ownFinding(part, facts)
    }

    private func ownFinding(
        _ part: HealthCheck.Part, _ facts: HealthFacts
    ) -> HealthFinding {
        let now = clock.boot
        switch part {
        case .policy:
            return HealthFinding(
                isFounding: policy.isFounding, isSignedAlone: facts.isSignedAlone,
                reload: facts.reloadRefusal, at: now)
        case .log:
            // A search shows what the index has, and no more.
            let isWhole = facts.missingInIndex == 0 && index.status.fault == nil
            return HealthFinding(
                state: isWhole ? .working : .attention,
                words: isWhole ? "accepts records" : "accepts records; its index is behind",
                remedy: isWhole ? nil : "Weak points say what the index lacks.",
                seen: monitors.log.looked)
        case .store:
            return HealthFinding(
                state: .working, words: "accepts writes", seen: monitors.store.probed,
                interval: settings.beat)
        case .killSwitch: return HealthFinding(drills: facts.drills, at: now)
        case .limits: return HealthFinding(state: .working, words: "counted", seen: now)
        case .servers: return serverFinding
        case .notifications: return HealthFinding(channels: facts.channels, at: now)
        case .witnesses: return witnessFinding
        case .clock:
            return HealthFinding(ledger.status.clock, earlier: facts.earlierSteps, at: now)
        }
    }

    private var serverFinding: HealthFinding {
        let snapshot = policy.snapshot
        let now = clock.boot
        let states = snapshot.servers.keys.sorted().map { ($0, state(of: $0, under: snapshot)) }
        guard !states.isEmpty else {
            return HealthFinding(state: .notSetUp, words: "the policy has none", seen: now)
        }
        let withheld = states.filter { _, state in
            switch state {
            case .quarantined, .refused, .unavailable: true
            case .notConnected, .connecting, .ready: false
            }
        }.map(\.0)
        let waited = states.filter { _, state in
            switch state {
            case .notConnected, .connecting: true
            case .quarantined, .refused, .unavailable, .ready: false
            }
        }.map(\.0)
        func named(_ servers: [ServerName], _ words: String) -> String {
            "\(servers.count) of \(states.count) \(words): "
                + servers.prefix(5).map(\.text).joined(separator: ", ")
                + (servers.count > 5 ? ", …" : "")
        }
        if !withheld.isEmpty {
            return HealthFinding(
                state: .attention, words: named(withheld, "not offered"),
                remedy: "The page of each server has the reason, and how to release it.", seen: now)
        }
        return waited.isEmpty
            ? HealthFinding(
                state: .working, words: "none of \(states.count) is withheld or out of reach",
                seen: now)
            : HealthFinding(
                state: .unknown, words: named(waited, "not connected yet"),
                remedy: "If it stays so, the page of each server says how it is reached.", seen: now
            )
    }

    /// Its evidence is the newest cosignature: of a quorum, if one is required, otherwise of any witness.
    private var witnessFinding: HealthFinding {
        let now = clock.boot
        guard let quorum = ports.quorum, let lags = ports.witnessLags else {
            return HealthFinding(
                state: .notSetUp, words: "no witness is configured",
                remedy:
                    "Add one with `interlock audit witness add`: without it, rewriting history cannot be detected.",
                seen: now)
        }
        let newest = quorum.isConfigured ? quorum.ageSeconds : lags.map(\.seconds).min()
        guard let newest else {
            return HealthFinding(
                state: .attention, words: "none has signed since the start",
                remedy: "`interlock audit witness status` says what each one answers.", seen: now)
        }
        // The time since then is shown as the age of the check.
        return HealthFinding(
            state: .working, words: "\(lags.count) signed since the start",
            seen: now + .seconds(-newest), interval: settings.beat)
    }
}

/// The facts of other services that checks need.
struct HealthFacts: Sendable {
    /// The drills, or nil if there are none here.
    var drills: DrillStatus?
    /// The channels that notify people.
    var channels: [ChannelStatus] = []
    /// The steps of the wall clock of before the start.
    var earlierSteps: [ClockStepDetector.Step] = []
    /// The number of records that the index of the log lacks for too long.
    var missingInIndex: UInt64 = 0
    /// True if no person other than the author has signed the policy in force.
    var isSignedAlone = false
    /// The reason why the last reload left the policy before it in force; nil if it did not, or there was none.
    var reloadRefusal: RevisionRefusal?
}

extension GatewayPorts {
    /// The witnesses that have cosigned since the start; nil if none is configured.
    var witnessLags: [(witness: String, seconds: Int64)]? {
        guard let quorum, quorum.isConfigured || !quorum.lags.isEmpty else { return nil }
        return quorum.lags
    }
}

extension HealthCheck.Part {
    /// The component whose faults are those of this part; nil if it refuses no call.
    fileprivate var unready: UnreadyComponent.Part? {
        switch self {
        case .policy: .policy
        case .log: .ledger
        case .store: .store
        case .killSwitch: .halts
        case .limits: .limits
        case .servers, .notifications, .witnesses, .clock: nil
        }
    }

    /// The remedy while the part refuses calls; nil if it never does.
    fileprivate var repair: String? {
        switch self {
        case .policy:
            "`interlock servers drift` compares the servers with the lock; `interlock servers pin` makes a new one to sign."
        case .log:
            "Make room on the log's disk, or repair it; `interlock audit verify` reads the log."
        case .store: "Make room on the store's disk, or repair it. The gateway tries each second."
        case .killSwitch: "Two people with the role `resume` end the halt on the page Kill switch."
        case .limits: "Wait until the log is counted. If it stays so, restart the gateway."
        case .servers, .notifications, .witnesses, .clock: nil
        }
    }
}
