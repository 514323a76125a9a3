import InterlockGovernor
import InterlockLimits
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts

extension MetricFamily {
    /// The label for a value outside the closed set.
    static let other = "other"

    package static let all: [MetricFamily] =
        calls + times + plane + people + noticing + stopping + limiting + log + traces + parts

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
        count("calls_denied_total", "Calls refused by policy, schema, approval, audit or a halt.") {
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
            "Progress and log messages of servers that came too fast, made no sense, or were kept "
                + "back by the search for secrets."
        ) { $0.noticesDropped.value },
        MetricFamily(
            "upstream_stray_answers", .gauge,
            "Answers of configured servers that answered nothing, since each was configured."
        ) { sum($0, $0.gateway.upstreams.strayAnswers) },
        MetricFamily(
            "upstream_stray_updates", .gauge,
            "Resource updates without a subscriber, sent by configured servers and dropped."
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
            "index_broken", .gauge, "1 while the index cannot be kept; the log is still written."
        ) { $0.gateway.index.status.fault == nil ? 0 : 1 },
        MetricFamily(
            "ledger_quorum_age_seconds", .gauge, "Seconds since a quorum of witnesses cosigned."
        ) { $0.gateway.ports.quorum?.ageSeconds },
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

    private static let traces = [
        count("spans_exported_total", "Spans of calls that the collector took.") {
            $0.spansExported.value
        },
        count(
            "spans_dropped_total",
            "Spans of calls that were not exported: no room, refused by the collector, or records "
                + "missing."
        ) { $0.spansDropped.value },
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
        for scope in HaltTarget.allScopes { counts[scope] = 0 }
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

    /// The durations of calls and of pipeline stages.
    static let times = [
        MetricFamily(
            "call_seconds", .histogram,
            "From a call that was understood to its end on record, of calls that were sent.",
            labels: ["server", "class"],
            series: { source in
                let policy = source.gateway.policy.snapshot
                return source.gateway.figures.callTimes.all.filter {
                    policy.servers[$0.server] != nil
                }
                .flatMap {
                    MetricSample.samples(of: $0.times, [$0.server.text, $0.toolClass.rawValue])
                }
            }),
        MetricFamily(
            "stage_seconds", .histogram, "Stages that let their call go on.", labels: ["stage"],
            series: { source in
                source.gateway.figures.stageTimes.all.flatMap {
                    MetricSample.samples(of: $0.times, ["\($0.stage)"])
                }
            }),
    ]

    /// Approvals and agent reviews.
    static let people = [
        MetricFamily(
            "approvals_pending", .gauge, "Requests that wait for people.", labels: ["tier"],
            series: { source in
                let waiting = source.approvals.pendingByTier
                return Tier.allCases.map { MetricSample(Int64(waiting[$0] ?? 0), [$0.rawValue]) }
            }),
        MetricFamily(
            "approval_seconds", .histogram,
            "From the question to the last approval or the first denial.", labels: ["tier"],
            series: { source in
                source.approvals.figures.times.flatMap {
                    MetricSample.samples(of: $0.times, [$0.tier.rawValue])
                }
            }),
        MetricFamily(
            "approval_votes_total", .counter, "What people said of requests, and by what.",
            labels: ["verdict", "channel"],
            series: { source in
                source.approvals.figures.votes.map {
                    MetricSample(Int64($0.count), [$0.verdict, $0.channel])
                }
            }),
        MetricFamily(
            "reviews_overdue", .gauge, "Agents whose review is due and not done."
        ) { source in
            let now = source.gateway.clock.wall
            return Int64(
                source.gateway.policy.snapshot.agents.values.count {
                    source.gateway.isReviewDue($0, at: now)
                })
        },
    ]

    /// The durability, disk space and witnesses of the audit log.
    static let log = [
        MetricFamily(
            "ledger_append_seconds", .histogram,
            "From the submission of a record that a caller waits for until it is durable.",
            series: { source in
                source.gateway.ledger.status.appendTimes.map { MetricSample.samples(of: $0) } ?? []
            }),
        MetricFamily("ledger_backlog", .gauge, "Records that are not durable yet.") {
            Int64($0.gateway.ledger.status.backlog)
        },
        MetricFamily("ledger_free_bytes", .gauge, "Free space on the disk of the log.") {
            $0.gateway.ledger.status.freeBytes.map { Int64($0) }
        },
        MetricFamily(
            "checkpoint_age_seconds", .gauge, "Since the published checkpoint covered all records."
        ) { source in
            source.gateway.ledger.status.published.map {
                (source.gateway.clock.boot - $0).components.seconds
            }
        },
        MetricFamily(
            "witness_lag_seconds", .gauge, "Since a witness last cosigned; none until it has.",
            labels: ["witness"],
            series: { source in
                (source.gateway.ports.quorum?.lags ?? []).map {
                    MetricSample($0.seconds, [$0.witness])
                }
            }),
    ]

    /// Alarms and what becomes of them. Labels are of closed sets: detectors, series, channels of the configuration.
    static let noticing = [
        MetricFamily(
            "alarms_total", .counter, "Alarms by what noticed them and what was watched.",
            labels: ["detector", "series"],
            series: { source in
                figures(source).raised.sorted { $0.key < $1.key }.map { kind, count in
                    MetricSample(Int64(count), [kind.detector, kind.series])
                }
            }),
        MetricFamily(
            "alarm_precision", .gauge,
            "Share of the alarms of 30 days that people found to be something.",
            labels: ["detector"],
            series: { source in
                figures(source).precisions.sorted { $0.key < $1.key }
                    .compactMap { detector, precision in
                        precision.value.map { MetricSample(fraction: $0, [detector]) }
                    }
            }),
        MetricFamily(
            "alerts_total", .counter, "Alerts by channel and what became of them.",
            labels: ["channel", "result"],
            series: { source in
                figures(source).channels.flatMap { status in
                    [
                        MetricSample(
                            Int64(status.delivered), ["\(status.channel)", "delivered"]),
                        MetricSample(
                            Int64(status.undelivered), ["\(status.channel)", "undelivered"]),
                    ]
                }
            }),
        MetricFamily(
            "alerts_waiting", .gauge, "Alerts that wait for their channel.", labels: ["channel"],
            series: { source in
                figures(source).channels.map { MetricSample(Int64($0.waiting), ["\($0.channel)"]) }
            }),
    ]

    /// The kill switch and its rehearsals.
    static let stopping = [
        MetricFamily(
            "drill_last_pass_timestamp_seconds", .gauge,
            "When the last drill of the kill switch that counts had ended; 0 without one."
        ) { Int64($0.gateway.counters.drillLastPassSeconds.value) },
        MetricFamily(
            "kill_propagation_seconds", .gauge,
            "From the last order to stop to this gateway's answer.", labels: [],
            series: { source in
                let time = source.gateway.counters.killPropagationMicroseconds.value
                return [MetricSample(fraction: Double(time) / 1_000_000)]
            }),
    ]

    /// Limits and breakers.
    static let limiting = [
        MetricFamily(
            "limit_used_ratio", .gauge,
            "What an agent has taken of a limit in its window, of what its trust stage gives it.",
            labels: ["agent", "limit"], series: usedRatios),
        MetricFamily(
            "limit_denied_total", .counter, "Calls that a limit refused.", labels: ["limit"],
            series: { source in
                source.gateway.tally.limits.sorted { $0.key < $1.key }
                    .map { MetricSample($0.value, [$0.key]) }
            }),
        MetricFamily(
            "breaker_state", .gauge,
            "Of servers and tools that fail or have failed: 0 closed, 1 half-open, 2 open.",
            labels: ["server", "tool"], series: breakers),
        MetricFamily(
            "responses_total", .counter, "Runs that breakers slowed down or paused.",
            labels: ["step"],
            series: { source in
                let counters = source.gateway.counters
                return [
                    MetricSample(Int64(counters.throttles.value), ["throttle"]),
                    MetricSample(Int64(counters.pauses.value), ["pause"]),
                ]
            }),
    ]

    private static func figures(_ source: MetricSource) -> AlertMetrics.Figures {
        source.gateway.figures.alerts.figures
    }

    private static func usedRatios(_ source: MetricSource) -> [MetricSample] {
        let policy = source.gateway.policy.snapshot
        return policy.agents.keys.sorted().flatMap { agent in
            source.gateway.limitStandings(of: agent, under: policy).map { limit in
                let ratio =
                    limit.most == 0 ? 1 : min(1, Double(limit.taken) / Double(limit.most))
                return MetricSample(
                    fraction: ratio, [agent.text, "\(limit.use.key)/\(limit.use.seconds)s"])
            }
        }
    }

    private static func breakers(_ source: MetricSource) -> [MetricSample] {
        source.gateway.breakers.status.sorted { $0.key.text < $1.key.text }.map { entry in
            let value: Int64 =
                switch entry.state {
                case .closed: 0
                case .halfOpen: 1
                case .open: 2
                }
            return MetricSample(value, [entry.key.server.text, entry.key.tool?.tool.text ?? ""])
        }
    }
}
