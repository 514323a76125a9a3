extension EvidenceControl {
    /// The controls of agents, their rights and their credentials.
    static let permissions = [
        EvidenceControl(
            .c01, "Least privilege",
            "Agents called the tools that the policy grants them and no others; what is not granted was refused or not shown.",
            at: "decide, tools/list", in: .leastPrivilege,
            samples: [
                .done("allowed", LeafQuery("call.intent", "dec", "allow")),
                .refused("denied", LeafQuery("call.denied")),
            ],
            counts: [LeafQuery("list.served")],
            releaseTests: ["DecisionTests", "pitfall-prompt-as-boundary"],
            selfTests: [
                "unlisted-tool", "write-under-read-grant", "forbid-with-matching-arguments",
                "five-least-privilege-scopes",
            ], areRecordsDue: true),
        EvidenceControl(
            .c02, "Agents are principals",
            "Each run was of one registered agent with an owner, a purpose and a review date.",
            at: "identify, registry", in: .leastPrivilege,
            samples: [
                .done("started", LeafQuery("run.start")),
                .refused("refused", LeafQuery("access.refused")),
            ],
            counts: [LeafQuery("owner.confirmed")],
            releaseTests: ["AgentQueryServiceTests", "pitfall-uniform-controls"],
            selfTests: ["seven-tiers"], areRecordsDue: true),
        EvidenceControl(
            .c03, "Brokered credentials",
            "Credentials of servers were given to calls by the gateway and were in no agent's hands.",
            at: "execute (broker)", in: .secretHygiene,
            samples: [.done("issued", LeafQuery("token.issued"))],
            releaseTests: ["BrokeredValuesTests", "pitfall-shared-credentials"],
            selfTests: ["pitfall-shared-credentials"]),
        EvidenceControl(
            .c04, "Elevation with an end",
            "More rights than those of the policy were given by people, for one agent and until a stated time.",
            at: "decide", in: .leastPrivilege,
            samples: [
                .done("granted", LeafQuery("elevation.granted")),
                .refused("rejected", LeafQuery("elevation.denied")),
            ],
            counts: [LeafQuery("elevation.ended")],
            releaseTests: ["ElevationSetTests", "pitfall-standing-production-credentials"],
            selfTests: ["pitfall-standing-production-credentials"]),
        EvidenceControl(
            .c05, "Approval of grave calls",
            "Calls that the policy wants approved ran only after an approval that was bound to their exact arguments.",
            at: "awaitApproval, recheck", in: .leastPrivilege,
            samples: [
                .done("approved", LeafQuery("approval.granted")),
                .refused("rejected", LeafQuery("approval.denied")),
            ],
            counts: [
                LeafQuery("call.intent", "dec", "approve"), LeafQuery("approval.used"),
                LeafQuery("approval.expired"), LeafQuery("approval.breakglass"),
            ],
            checks: [.outcomeWithoutApprovalUsed],
            releaseTests: ["ApprovalRequestTests", "pitfall-everything-gated"],
            selfTests: [
                "changed-argument-after-approval", "replayed-approval", "five-approvals-enforced",
            ]),
        EvidenceControl(
            .c06, "Quality of approvals",
            "Approvers saw what they approved, had to take time for it, and were tested with requests that are wrong.",
            at: "console", in: .leastPrivilege,
            samples: [
                .done("viewed", LeafQuery("approval.viewed")),
                .refused("probe", LeafQuery("approval.probe")),
            ],
            releaseTests: ["ProbeChecksTests", "pitfall-rubber-stamp"],
            selfTests: ["pitfall-rubber-stamp", "seven-exact-approvals"]),
    ]
}
