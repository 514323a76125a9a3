extension EvidenceControl {
    /// The controls of an agent's surroundings, and of the data that it gets and gives.
    static let surroundings = [
        EvidenceControl(
            .c13, "Sandbox",
            "Commands of agents ran in the sandbox that the policy states.",
            at: "launcher", in: .leastPrivilege,
            samples: [
                .done("started", LeafQuery("run.start")),
                .refused("degraded", LeafQuery("run.degraded")),
            ],
            violations: [LeafQuery("run.degraded")],
            releaseTests: ["NetworkWallTests"], selfTests: ["five-isolated-sandbox"]),
        EvidenceControl(
            .c14, "Egress",
            "Sandboxed runs reached the hosts that the policy lists and no others.",
            at: "launcher, decide", in: .leastPrivilege,
            samples: [.done("connected", LeafQuery("net.connect"))],
            releaseTests: ["EgressRulesTests"], selfTests: ["egress-to-unlisted-host"]),
        EvidenceControl(
            .c15, "Secrets and personal data",
            "Secrets and personal data in arguments and results were found, and refused or masked as the policy states.",
            at: "resolve, inspect", in: .secretHygiene,
            samples: [
                .done("outcome", LeafQuery("call.outcome")),
                .refused("unredacted", LeafQuery("redaction.failed")),
            ],
            violations: [LeafQuery("redaction.failed")],
            releaseTests: ["SearchedTextTests"], selfTests: ["secret-in-arguments"]),
        EvidenceControl(
            .c16, "Information flow",
            "A run that had read what is untrusted had fewer rights after it.",
            at: "decide", in: .leastPrivilege,
            samples: [
                .done("tainted", LeafQuery("run.tainted")),
                .refused("denied", LeafQuery("call.denied")),
            ],
            releaseTests: ["TaintDecisionTests"], selfTests: ["write-after-untrusted-read"]),
        EvidenceControl(
            .c17, "Evals and change gate",
            "Agents worked after they had passed their suite, and were refused when something that shapes them had changed.",
            at: "resolve, decide", in: .changeReview,
            samples: [
                .done("passed", LeafQuery("eval.result", "verdict", "pass")),
                .refused("failed", LeafQuery("eval.result", "verdict", "fail")),
                .refused("refused", LeafQuery("eval.refused")),
            ],
            counts: [LeafQuery("eval.excepted"), LeafQuery("eval.attested")],
            releaseTests: ["ChangeGateServiceTests"], selfTests: ["control-evals"]),
        EvidenceControl(
            .c18, "Staged autonomy",
            "Agents had the autonomy that people gave them on evidence, and lost it for cause.",
            at: "decide", in: .changeReview,
            samples: [
                .done("promoted", LeafQuery("trust.promoted")),
                .refused("demoted", LeafQuery("trust.demoted")),
            ],
            counts: [LeafQuery("trust.delegated")],
            releaseTests: ["StageHistoryTests"], selfTests: ["call-at-stage-observe"]),
    ]
}
