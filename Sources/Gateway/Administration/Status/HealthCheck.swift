import InterlockAlerts
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The result of one check of the gateway, in words (docs/specs/console.md, section 4).
package struct HealthCheck: Sendable, Hashable {
    /// The checked parts, in the order in which they are listed.
    package enum Part: String, CaseIterable, Sendable {
        case policy, log, store
        case killSwitch = "kill_switch"
        case limits, servers, notifications, witnesses
    }

    package enum State: String, CaseIterable, Sendable {
        case working
        /// It works, and a person should act.
        case attention
        /// Calls that the policy allows are refused.
        case problem
        /// It is not set up, or nothing is known of it.
        case unknown
    }

    package let part: Part
    package let state: State
    package let words: String

    package init(_ part: Part, _ state: State, _ words: String) {
        self.part = part
        self.state = state
        self.words = words
    }
}

/// The facts of other services that checks need.
struct HealthSources: Sendable {
    /// The drills, or nil if there are none here.
    var drills: DrillStatus?
    /// The channels that notify people.
    var channels: [ChannelStatus] = []
}

extension Gateway {
    /// The checks of all parts, each with a result.
    ///
    /// - Parameter faults: the parts that refuse calls.
    func healthChecks(
        _ faults: [UnreadyComponent], _ sources: HealthSources
    ) -> [HealthCheck] {
        HealthCheck.Part.allCases.map { part in
            let reasons = faults.filter { $0.part == part.unready }.map(\.reason)
            guard reasons.isEmpty else {
                return HealthCheck(part, .problem, reasons.joined(separator: "; "))
            }
            switch part {
            case .policy:
                return policy.isFounding
                    ? HealthCheck(part, .attention, "no revision was ever signed off")
                    : HealthCheck(part, .working, "signed off")
            case .log: return HealthCheck(part, .working, "takes records")
            case .store: return HealthCheck(part, .working, "takes what is written")
            case .killSwitch: return HealthCheck(drills: sources.drills)
            case .limits: return HealthCheck(part, .working, "counted")
            case .servers: return serverCheck
            case .notifications: return HealthCheck(channels: sources.channels)
            case .witnesses: return witnessCheck
            }
        }
    }

    private var serverCheck: HealthCheck {
        let snapshot = policy.snapshot
        let withheld = snapshot.servers.keys.filter { name in
            switch state(of: name, under: snapshot) {
            case .quarantined, .refused, .unavailable: true
            case .notConnected, .connecting, .ready: false
            }
        }.map(\.text).sorted()
        let count = snapshot.servers.count
        if count == 0 { return HealthCheck(.servers, .unknown, "the policy has none") }
        return withheld.isEmpty
            ? HealthCheck(.servers, .working, "none of \(count) is withheld or out of reach")
            : HealthCheck(
                .servers, .attention,
                "\(withheld.count) of \(count) not offered: "
                    + withheld.prefix(5).joined(separator: ", ")
                    + (withheld.count > 5 ? ", …" : ""))
    }

    private var witnessCheck: HealthCheck {
        guard let lags = ports.witnessLags else {
            return HealthCheck(.witnesses, .unknown, "none is configured")
        }
        // The time since then is left out: it would change the page each second.
        return lags.isEmpty
            ? HealthCheck(.witnesses, .attention, "none has signed since the start")
            : HealthCheck(.witnesses, .working, "\(lags.count) signed since the start")
    }
}

extension GatewayPorts {
    /// The witnesses that have cosigned since the start; nil if none is configured.
    var witnessLags: [(witness: String, seconds: Int64)]? {
        guard let quorum, quorum.isConfigured || !quorum.lags.isEmpty else { return nil }
        return quorum.lags
    }
}

extension HealthCheck {
    fileprivate init(drills: DrillStatus?) {
        switch drills?.word {
        case nil: self.init(.killSwitch, .unknown, "drills are not run here")
        case .overdue: self.init(.killSwitch, .attention, "a drill is overdue")
        case .failed: self.init(.killSwitch, .attention, "the last drill failed")
        case .declared:
            self.init(.killSwitch, .attention, "a drill is declared, and no report proves it")
        case .dueSoon: self.init(.killSwitch, .attention, "a drill is due soon")
        case .some(.none): self.init(.killSwitch, .unknown, "the policy asks for no drill")
        case .fine: self.init(.killSwitch, .working, "rehearsed in time")
        }
    }

    fileprivate init(channels: [ChannelStatus]) {
        let failing = channels.filter { $0.problem != nil }
        if channels.isEmpty {
            self.init(.notifications, .attention, "no channel: alerts are in the console alone")
        } else if let first = failing.first {
            self.init(
                .notifications, .attention,
                "\(failing.count) of \(channels.count) channels fail: \(first.channel.text)")
        } else {
            self.init(
                .notifications, .working, "\(channels.count) of \(channels.count) channels deliver")
        }
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
        case .servers, .notifications, .witnesses: nil
        }
    }
}
