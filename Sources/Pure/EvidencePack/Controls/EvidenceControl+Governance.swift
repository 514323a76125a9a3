extension EvidenceControl {
    /// The controls of people: reviews, changes and responses.
    static let governance = [
        EvidenceControl(
            .c19, "Governance review",
            "People reviewed agents and rights in time, and unused rights were retired.",
            at: "review", in: .changeReview,
            samples: [.done("signed", LeafQuery("review.signed"))],
            releaseTests: ["ReviewSignOffTests"], selfTests: ["seven-weekly-review"]),
        EvidenceControl(
            .c20, "Change control of the policy",
            "Each revision of the policy that was in force is on record, with those who signed it.",
            at: "policy activation", in: .changeReview,
            samples: [.done("loaded", LeafQuery("policy.loaded"))],
            counts: [LeafQuery("policy.proposed"), LeafQuery("config.changed")],
            releaseTests: ["SignOffServiceTests"], selfTests: ["control-policy-signed"]),
        EvidenceControl(
            .c21, "Monitoring",
            "What was unusual raised an alert, and people said what it was.",
            at: "ledger feed", in: .audit,
            samples: [
                .done("raised", LeafQuery("alarm.raised")),
                .done("disposed", LeafQuery("alarm.disposed")),
            ],
            counts: [LeafQuery("alert.undelivered")],
            releaseTests: ["GatewaySilenceTests"], selfTests: ["five-immutable-log-and-alerts"]),
        EvidenceControl(
            .c22, "Coding agents",
            "What coding agents wrote is marked, and was merged after the checks that the policy states.",
            at: "hook adapter, merge check", in: .changeReview,
            samples: [
                .done("passed", LeafQuery("merge.checked", "verdict", "pass")),
                .refused("refused", LeafQuery("merge.checked", "verdict", "refused")),
            ],
            counts: [
                LeafQuery("hook.session"), LeafQuery("hook.bypassed"), LeafQuery("hook.silent"),
            ],
            releaseTests: ["MergeRulesTests"], selfTests: ["control-hooks"]),
        EvidenceControl(
            .c23, "Inventory",
            "Each tool and connector is known with its class, and hosts that go past the gateway were looked for.",
            at: "registry, discovery", in: .audit,
            samples: [
                .done("installed", LeafQuery("hook.installed")),
                .refused("unmanaged", LeafQuery("host.unmanaged")),
            ],
            counts: [LeafQuery("host.checked")],
            releaseTests: ["HostFileTests"], selfTests: ["seven-inventory"]),
        EvidenceControl(
            .c24, "Incidents",
            "Incidents were opened, dealt with and closed with a cause.",
            at: "people plane", in: .audit,
            samples: [
                .done("opened", LeafQuery("incident.opened")),
                .done("closed", LeafQuery("incident.closed")),
            ],
            counts: [LeafQuery("incident.action")],
            releaseTests: ["IncidentServiceTests"], selfTests: ["control-incidents"]),
    ]
}
