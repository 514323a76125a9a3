extension EvidenceControl {
    /// The controls that stop an agent, and those of the records about it.
    static let supervision = [
        EvidenceControl(
            .c07, "Limits and breakers",
            "Calls and amounts stayed within quotas; what went beyond was refused, and loops were stopped.",
            at: "decide, recordIntent", in: .leastPrivilege,
            samples: [
                .done("reserved", LeafQuery("budget.reserved")),
                .refused("limited", LeafQuery("limit.hit")),
                .refused("opened", LeafQuery("breaker.opened")),
            ],
            releaseTests: ["LimitTableTests"], selfTests: ["call-over-a-limit"]),
        EvidenceControl(
            .c08, "Kill switch",
            "Agents can be stopped, and this was rehearsed.",
            at: "checkHalt, recheck, launcher, hooks", in: .audit,
            samples: [
                .done("drill", LeafQuery("kill.drill")),
                .refused("effective", LeafQuery("kill.effective")),
                .refused("violation", LeafQuery("kill.violation")),
            ],
            counts: [LeafQuery("kill.requested"), LeafQuery("kill.drill_overdue")],
            violations: [LeafQuery("kill.violation")],
            releaseTests: ["DrillSignOffTests", "pitfall-untested-kill-switch"],
            selfTests: ["call-under-kill", "five-tested-kill-switch"]),
        EvidenceControl(
            .c09, "Recorded before it runs",
            "Each call was recorded durably before it ran, and its end after it.",
            at: "recordIntent, recordOutcome", in: .audit,
            samples: [
                .done("outcome", LeafQuery("call.outcome")),
                .refused("unknown", LeafQuery("call.unknown")),
            ],
            counts: [LeafQuery("call.intent"), LeafQuery("call.denied")],
            checks: [.outcomeWithoutIntent],
            releaseTests: ["OpenCallsTests", "pitfall-no-audit"],
            selfTests: ["permitted-call", "pitfall-no-audit"], areRecordsDue: true),
        EvidenceControl(
            .c10, "Tamper evidence",
            "A change of the log would show to those who hold an earlier checkpoint of it.",
            at: "ledger, witnesses", in: .audit,
            samples: [
                .done("listed", LeafQuery("key.listed")), .done("rotated", LeafQuery("key.rotate")),
            ],
            releaseTests: ["TlogProofTests"],
            selfTests: ["edit-of-a-copied-log", "seven-tamper-evident-log"]),
        EvidenceControl(
            .c11, "Retention and erasure",
            "Payloads were erased when they were due, with a record of it; the records themselves were kept.",
            at: "ledger, key store", in: .audit,
            samples: [
                .done("erased", LeafQuery("payload.erased")),
                .done("pruned", LeafQuery("log.pruned")),
            ],
            releaseTests: ["ErasureServiceTests"], selfTests: ["control-retention"]),
        EvidenceControl(
            .c12, "Reviewed servers and tools",
            "Tools had the definition that people reviewed; a server with another one was quarantined.",
            at: "resolve", in: .changeReview,
            samples: [
                .done("accepted", LeafQuery("pin.accepted")),
                .refused("drifted", LeafQuery("pin.drift")),
                .refused("quarantined", LeafQuery("server.quarantined")),
            ],
            releaseTests: ["HostileServerTests", "pitfall-only-prompts-governed"],
            selfTests: ["pitfall-only-prompts-governed", "seven-block-before-use"]),
    ]
}
