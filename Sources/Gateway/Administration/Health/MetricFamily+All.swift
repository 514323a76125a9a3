import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension MetricFamily {
    /// The label for a value outside the closed set.
    static let other = "other"

    package static let all: [MetricFamily] =
        calls + times + plane + people + noticing + stopping + limiting + log + parts

    private static let calls = [
        MetricFamily(
            "calls_total", .counter,
            "Calls by their end: allow, also where the tool reported an error; deny; withheld; failed.",
            labels: ["agent", "server", "tool", "verdict"], series: calls),
        MetricFamily(
            "denials_total", .counter, "Refused calls by the code of their record.",
            labels: ["agent", "reason"], series: denials),
        MetricFamily(
            "inflight", .gauge, "Calls sent to a server and not yet answered.",
            labels: ["server"], series: inFlight),
        count("requests_total", "Requests to the agent plane whose head was acceptable.") {
            $0.requests.value
        },
        count("calls_allowed_total", "Calls that ran, also those whose tool reported an error.") {
            $0.allowed.value
        },
        count("calls_denied_total", "Calls refused by policy, schema, approval or audit.") {
            $0.denied.value
        },
        count("calls_halted_total", "Requests of callers that a halt stops.") { $0.halted.value },
        count("calls_withheld_total", "Calls that ran and whose result was withheld.") {
            $0.withheld.value
        },
        count(
            "upstream_failures_total", "Calls that failed, timed out or were cancelled upstream."
        ) { $0.upstreamFailures.value },
    ]

    private static let plane = [
        count("unauthenticated_total", "Requests without a valid credential.") {
            $0.unauthenticated.value
        },
        count("malformed_total", "Requests whose message could not be understood.") {
            $0.malformed.value
        }, count("lists_served_total", "Answers to tools/list.") { $0.listsServed.value },
        count(
            "notices_dropped_total",
            "Progress and log messages of servers that came too fast or made no sense."
        ) { $0.noticesDropped.value },
        MetricFamily(
            "upstream_stray_answers", .gauge,
            "Answers of configured servers that answered nothing, since each was configured."
        ) { sum($0, $0.gateway.upstreams.strayAnswers) },
        MetricFamily(
            "upstream_stray_updates", .gauge,
            "Changes of resources that nobody follows, told by configured servers and dropped."
        ) { sum($0, $0.gateway.upstreams.strayUpdates) },
        MetricFamily(
            "resource_subscriptions", .gauge, "Single resources that callers follow."
        ) { Int64($0.gateway.resources.count) },
        MetricFamily(
            "sessions", .gauge, "Open sessions; the modern era has none.", labels: ["era"],
            series: { [MetricSample(Int64($0.gateway.sessions.count), ["legacy"])] }),
        MetricFamily("halts_active", .gauge, "Halts in force.", labels: ["scope"], series: halts),
    ]

    private static let parts = [
        MetricFamily("ledger_size", .gauge, "Durable records in the audit log.") {
            Int64(clamping: $0.gateway.ledger.status.size)
        },
        MetricFamily("ledger_open_intents", .gauge, "Intents that no record has closed yet.") {
            Int64($0.gateway.ledger.status.openIntents)
        },
        MetricFamily("ledger_refusing", .gauge, "1 while the audit log takes no permits.") {
            $0.gateway.ledger.status.refusing == nil ? 0 : 1
        },
        MetricFamily(
            "index_records", .gauge, "Records in the index, which is a cache of the audit log."
        ) { Int64(clamping: $0.gateway.index.status.size) },
        MetricFamily(
            "index_broken", .gauge, "1 while the index cannot be kept; the log goes on."
        ) { $0.gateway.index.status.fault == nil ? 0 : 1 },
        MetricFamily(
            "ledger_quorum_age_seconds", .gauge, "Seconds since a quorum of witnesses cosigned."
        ) { $0.gateway.quorum?.ageSeconds },
        MetricFamily("uptime_seconds", .gauge, "Seconds since this gateway started.") {
            ($0.gateway.clock.boot - $0.started.boot).components.seconds
        },
        MetricFamily(
            "policy_info", .gauge, "1, with the digest of the policy in force.", labels: ["digest"],
            series: { [MetricSample(1, [$0.gateway.policy.snapshot.digestText])] }),
        MetricFamily(
            "build_info", .gauge, "1, with the version of this program.", labels: ["version"],
            series: { [MetricSample(1, [$0.gateway.settings.version])] }),
        MetricFamily(
            "metrics_dropped_total", .counter,
            "Series that were left out because there were too many."
        ) { $0.gateway.tally.dropped },
    ]

    private static func count(
        _ name: String, _ help: String, _ read: @escaping @Sendable (Counters) -> Int
    ) -> MetricFamily { MetricFamily(name, .counter, help) { Int64(read($0.gateway.counters)) } }

    private static func sum(_ source: MetricSource, _ count: (ServerName) -> Int) -> Int64 {
        Int64(source.gateway.policy.snapshot.servers.keys.reduce(0) { $0 + count($1) })
    }

    // MARK: Labels

    private static func calls(_ source: MetricSource) -> [MetricSample] {
        let policy = source.gateway.policy.snapshot
        return grouped(source.gateway.tally.calls) { call in
            let (server, tool) = words(of: call.address, under: policy)
            return [word(of: call.agent, under: policy), server, tool, call.end.rawValue]
        }
    }

    private static func denials(_ source: MetricSource) -> [MetricSample] {
        let policy = source.gateway.policy.snapshot
        return grouped(source.gateway.tally.denials) {
            [word(of: $0.agent, under: policy), $0.code]
        }
    }

    private static func inFlight(_ source: MetricSource) -> [MetricSample] {
        let policy = source.gateway.policy.snapshot
        var counts: [String: Int64] = [:]
        for server in policy.servers.keys { counts[server.text] = 0 }
        for call in source.gateway.inFlight.all {
            counts[words(of: call.address, under: policy).server, default: 0] += 1
        }
        return grouped(counts) { [$0] }
    }

    private static func halts(_ source: MetricSource) -> [MetricSample] {
        var counts: [String: Int64] = [:]
        for scope in HaltTarget.scopes { counts[scope] = 0 }
        for order in source.gateway.halts.halts.active.values {
            counts[order.target.scope, default: 0] += 1
        }
        return grouped(counts) { [$0] }
    }

    private static func word(of agent: AgentName, under policy: PolicySnapshot) -> String {
        policy.agents[agent] == nil ? other : agent.text
    }

    private static func words(
        of address: ToolAddress?, under policy: PolicySnapshot
    ) -> (server: String, tool: String) {
        guard let address, let server = policy.servers[address.server] else {
            return (other, other)
        }
        let tool = server.tools[address.tool] == nil ? other : address.tool.text
        return (address.server.text, tool)
    }

    /// One sample per distinct list of labels, sorted by the labels.
    private static func grouped<Key: Hashable>(
        _ counts: [Key: Int64], _ labels: (Key) -> [String]
    ) -> [MetricSample] {
        var sums: [[String]: Int64] = [:]
        for (key, count) in counts { sums[labels(key), default: 0] += count }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { MetricSample($0.value, $0.key) }
    }
}
