import InterlockModel
import InterlockPolicy

/// `/metrics` in the text format of Prometheus: every metric has HELP and TYPE, none has a label that an
/// agent can choose.
struct Metrics {
    let gateway: Gateway
    let started: Moment

    private func sum(_ count: (ServerName) -> Int) -> Int64 {
        Int64(gateway.policy.snapshot.servers.keys.reduce(0) { $0 + count($1) })
    }

    var text: String {
        let counters = gateway.counters
        let ledger = gateway.ledger.status
        var text = ""
        func add(_ name: String, _ type: String, _ help: String, _ value: Int64) {
            text += "# HELP interlock_\(name) \(help)\n# TYPE interlock_\(name) \(type)\n"
            text += "interlock_\(name) \(value)\n"
        }
        add(
            "requests_total", "counter", "Requests to the agent plane whose head was acceptable.",
            Int64(counters.requests.value))
        add(
            "calls_allowed_total", "counter",
            "Calls that ran, also those whose tool reported an error.",
            Int64(counters.allowed.value))
        add(
            "calls_denied_total", "counter", "Calls refused by policy, schema, approval or audit.",
            Int64(counters.denied.value))
        add(
            "calls_halted_total", "counter", "Requests of callers that a halt stops.",
            Int64(counters.halted.value))
        add(
            "calls_withheld_total", "counter", "Calls that ran and whose result was withheld.",
            Int64(counters.withheld.value))
        add(
            "upstream_failures_total", "counter",
            "Calls that failed, timed out or were cancelled upstream.",
            Int64(counters.upstreamFailures.value))
        add(
            "unauthenticated_total", "counter", "Requests without a valid credential.",
            Int64(counters.unauthenticated.value))
        add(
            "malformed_total", "counter", "Requests whose message could not be understood.",
            Int64(counters.malformed.value))
        add(
            "lists_served_total", "counter", "Answers to tools/list.",
            Int64(counters.listsServed.value))
        add(
            "notices_dropped_total", "counter",
            "Progress and log messages of servers that came too fast or made no sense.",
            Int64(counters.noticesDropped.value))
        add(
            "upstream_stray_answers", "gauge",
            "Answers of configured servers that answered nothing, since each was configured.",
            sum(gateway.upstreams.strayAnswers))
        add(
            "upstream_stray_updates", "gauge",
            "Changes of resources that nobody follows, told by configured servers and dropped.",
            sum(gateway.upstreams.strayUpdates))
        add(
            "resource_subscriptions", "gauge", "Single resources that callers follow.",
            Int64(gateway.resources.count))
        add(
            "calls_in_flight", "gauge", "Calls sent upstream and not yet answered.",
            Int64(gateway.inFlight.count))
        add(
            "approvals_pending", "gauge", "Requests that wait for people.",
            Int64(gateway.approvals.pendingCount))
        add(
            "drill_last_pass_timestamp_seconds", "gauge",
            "When the last drill of the kill switch that counts had ended; 0 without one.",
            Int64(counters.drillLastPassSeconds.value))
        let propagation = Double(counters.killPropagationMicroseconds.value) / 1_000_000
        text += """
            # HELP interlock_kill_propagation_seconds From the last order to stop to this gateway's answer.
            # TYPE interlock_kill_propagation_seconds gauge
            interlock_kill_propagation_seconds \(propagation)

            """
        add("halts_active", "gauge", "Halts in force.", Int64(gateway.halts.halts.active.count))
        add(
            "ledger_records", "gauge", "Durable records in the audit log.",
            Int64(clamping: ledger.size))
        add(
            "ledger_open_intents", "gauge", "Intents that no record has closed yet.",
            Int64(ledger.openIntents))
        add(
            "ledger_refusing", "gauge", "1 while the audit log takes no permits.",
            ledger.refusing == nil ? 0 : 1)
        let index = gateway.index.status
        add(
            "index_records", "gauge", "Records in the index, which is a cache of the audit log.",
            Int64(clamping: index.size))
        add(
            "index_broken", "gauge", "1 while the index cannot be kept; the log goes on.",
            index.fault == nil ? 0 : 1)
        if let age = gateway.quorum?.ageSeconds {
            add(
                "ledger_quorum_age_seconds", "gauge",
                "Seconds since a quorum of witnesses cosigned.", age)
        }
        add(
            "uptime_seconds", "gauge", "Seconds since this gateway started.",
            (gateway.clock.now.boot - started.boot).components.seconds)
        text += AlarmMetrics(gateway.alarmBoard.figures).text
        return text
    }
}
