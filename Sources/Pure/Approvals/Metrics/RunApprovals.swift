package import InterlockJSON
package import InterlockModel

/// The numbers of approvals that the runs of each agent asked for: many of them in routine work show a gate that is in
/// the wrong place (R089).
package struct RunApprovals: Sendable {
    /// The figures of one agent.
    package struct Figures: Sendable, Equatable {
        package let agent: AgentName
        /// The number of runs with at least one call that was permitted or sent to people.
        package let runs: Int
        package let calls: Int
        /// The requests that people were asked about, without probes.
        package let requests: Int
        /// The number of requests of the run in the middle, and of the run with the most.
        package let median: Int
        package let most: Int
        /// The tool with the most requests, or nil without requests.
        package let busiest: String?
    }

    private struct Run {
        var calls = 0
        var requests = 0
    }

    private var runs: [AgentName: [RunID: Run]] = [:]
    private var tools: [AgentName: [ExactText: Int]] = [:]
    /// The tools of calls that need people and whose requests are not read yet.
    private var waiting: [CallID: ExactText] = [:]

    package init() {}

    /// The record types that `replay` uses.
    package static let types = ["call.intent", "approval.requested"]

    /// Applies a record of the log. The caller must pass records in the order of the log.
    package mutating func replay(_ leaf: JSONValue) {
        guard let agent = leaf["agent"]?.string.flatMap({ AgentName($0) }),
            let run = leaf["run"]?.string.flatMap({ RunID($0) })
        else { return }
        let call = leaf["call"]?.string.flatMap { CallID($0) }
        switch leaf["t"]?.string {
        case "call.intent":
            runs[agent, default: [:]][run, default: Run()].calls += 1
            if leaf["dec"] == "approve", let call, let tool = leaf["tool"]?.string {
                waiting[call] = ExactText(tool)
            }
        // The request of a probe has no intent, because no call is behind it.
        case "approval.requested" where leaf["intent"] != nil:
            runs[agent, default: [:]][run, default: Run()].requests += 1
            if let tool = call.flatMap({ waiting.removeValue(forKey: $0) }) {
                tools[agent, default: [:]][tool, default: 0] += 1
            }
        default: break
        }
    }

    /// The figures of all agents, by name.
    package var figures: [Figures] {
        runs.keys.sorted().map { agent in
            let all = (runs[agent] ?? [:]).values.map { $0 }
            let requests = all.map(\.requests).sorted()
            let busiest = (tools[agent] ?? [:]).max {
                ($0.value, $1.key) < ($1.value, $0.key)
            }
            return Figures(
                agent: agent, runs: all.count, calls: all.reduce(0) { $0 + $1.calls },
                requests: requests.reduce(0, +), median: requests[requests.count / 2],
                most: requests.last ?? 0, busiest: busiest?.key.text)
        }
    }
}
