import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension MetricFamily {
    /// The durations of calls and of pipeline stages.
    static let times = [
        MetricFamily(
            "call_seconds", .histogram,
            "From a call that was understood to its end on record, of calls that were sent.",
            labels: ["server", "class"],
            series: { source in
                let policy = source.gateway.policy.snapshot
                return source.gateway.callTimes.all.filter { policy.servers[$0.server] != nil }
                    .flatMap {
                        MetricSample.samples(of: $0.times, [$0.server.text, $0.toolClass.rawValue])
                    }
            }),
        MetricFamily(
            "stage_seconds", .histogram, "Stages that let their call go on.", labels: ["stage"],
            series: { source in
                source.gateway.stageTimes.all.flatMap {
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
                source.gateway.policy.snapshot.agents.values.count { $0.isReviewDue(at: now) })
        },
    ]

    /// The durability, disk space and witnesses of the audit log.
    static let log = [
        MetricFamily(
            "ledger_append_seconds", .histogram,
            "From a record that somebody waits for until it is durable.",
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
                (source.gateway.quorum?.lags ?? []).map { MetricSample($0.seconds, [$0.witness]) }
            }),
    ]
}
