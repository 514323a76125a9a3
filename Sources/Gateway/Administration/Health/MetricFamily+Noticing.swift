import InterlockGovernor
import InterlockLimits
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts

extension MetricFamily {
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
                figures(source).channels.flatMap { standing in
                    [
                        MetricSample(
                            Int64(standing.delivered), ["\(standing.channel)", "delivered"]),
                        MetricSample(
                            Int64(standing.undelivered), ["\(standing.channel)", "undelivered"]),
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
        source.gateway.alarmBoard.figures
    }

    private static func usedRatios(_ source: MetricSource) -> [MetricSample] {
        let policy = source.gateway.policy.snapshot
        return policy.agents.keys.sorted().flatMap { agent in
            let percent = source.gateway.trust.stage(of: agent).quotaPercent
            let uses = policy.limits(of: agent).sorted {
                ($0.key, $0.seconds) < ($1.key, $1.seconds)
            }
            return source.gateway.limits.standing(uses, of: agent).map { use, taken in
                let most = use.most(percent)
                let ratio = most == 0 ? 1 : min(1, Double(taken) / Double(most))
                return MetricSample(fraction: ratio, [agent.text, "\(use.key)/\(use.seconds)s"])
            }
        }
    }

    private static func breakers(_ source: MetricSource) -> [MetricSample] {
        source.gateway.breakers.standing.sorted { $0.key.text < $1.key.text }.map { entry in
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
