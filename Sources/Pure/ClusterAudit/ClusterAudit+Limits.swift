import InterlockJSON
import InterlockModel

extension ClusterAudit {
    /// A limit of one agent.
    private struct Limit: Hashable {
        let agent: ExactText
        let name: ExactText
        let seconds: Int64
    }

    private struct Taken {
        let log: String
        let index: UInt64
        let at: Int64
        let most: Int64
        let units: Int64
    }

    /// The clocks of two nodes that serve are at most this far from each other, in microseconds.
    private static let skew: Int64 = 2_000_000

    /// X7: the units that calls took from a limit, over all nodes, are at most N in any window. Calls that were refused
    /// before they were sent took none. Windows are shorter by what clocks may differ, so that no honest call is named.
    mutating func checkLimits() {
        var limits: [Limit: [Taken]] = [:]
        for log in logs {
            for decision in log.decisions where !log.denied.contains(decision.leaf) {
                for units in decision.units {
                    let limit = Limit(
                        agent: ExactText(decision.agent?.text ?? ""), name: units.limit,
                        seconds: units.seconds)
                    limits[limit, default: []].append(
                        Taken(
                            log: log.origin, index: decision.index,
                            at: decision.time.microseconds, most: units.most, units: units.units))
                }
            }
        }
        let sorted = limits.sorted {
            ($0.key.agent, $0.key.name, $0.key.seconds)
                < ($1.key.agent, $1.key.name, $1.key.seconds)
        }
        for (limit, taken) in sorted { check(limit, taken.sorted { $0.at < $1.at }) }
    }

    private mutating func check(_ limit: Limit, _ taken: [Taken]) {
        let length = limit.seconds * 1_000_000 - Self.skew
        let name = "limit `\(limit.name)` of agent `\(limit.agent)` in \(limit.seconds) s"
        guard length > 0 else {
            return report(
                ClusterFinding(
                    .limits, as: .unchecked, "\(name): the clocks of nodes may differ by as much"))
        }
        var first = 0
        var sum: Int64 = 0
        for call in taken {
            // Sums stay far below 2^63: a record has at most 2^50 units.
            sum += call.units
            while taken[first].at <= call.at - length {
                sum -= taken[first].units
                first += 1
            }
            guard sum > call.most else { continue }
            // One finding a limit: the calls after it exceed it too.
            return report(
                ClusterFinding(
                    .limits, log: call.log, index: call.index,
                    "\(name): \(sum) units, and at most \(call.most) are allowed"))
        }
    }
}
