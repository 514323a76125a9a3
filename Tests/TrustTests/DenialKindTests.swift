import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Which denials count against their agent.
@Suite(.requirement("R124")) struct DenialKindTests {
    @Test func `the code says whether a denial counts`() {
        #expect(DenialKind(code: "policy.observe") == .observed)
        #expect(DenialKind(code: "policy.incomplete") == .observed)
        #expect(DenialKind(code: "approval.pending") == .waiting)
        #expect(DenialKind(code: "eval.eval_stale") == .gated)
        for code in [nil, "", "eval", "evals.x", "approval.expired", "policy.forbid"] {
            #expect(DenialKind(code: code) == .counted, "\(code ?? "-")")
        }
    }

    @Test func `a call that waited, and one that the change gate refused, leave a run clean`()
        throws
    {
        let codes: [(String, RunClass)] = [
            ("approval.pending", .clean), ("eval.eval_missing", .clean),
            ("approval.expired", .bad),
        ]
        for (code, expected) in codes {
            var log = try TrustFixture.Log()
            try log.start("r1")
            try log.add("call.denied", ["run": "r1", "code": .string(code)])
            try log.call("r1")
            try log.end("r1")
            #expect(log.classes == [expected], "\(code)")
            try log.add(
                "call.denied", ["run": "r7", "agent": "refunds", "code": .string(code)])
            let outside = log.agent.denialsOutsideRuns.count
            #expect(outside == (expected == .bad ? 1 : 0), "\(code)")
        }
    }

    @Test func `a call that waited and was rejected makes its run bad`() throws {
        var log = try TrustFixture.Log()
        try log.start("r1")
        try log.add("approval.requested", ["run": "r1", "appr": "a1", "need": 1])
        try log.add("call.denied", ["run": "r1", "code": "approval.pending"])
        try log.add("approval.denied", ["run": "r1", "appr": "a1", "code": "too-much"])
        #expect(log.classes == [.bad])
        #expect(log.agent.runs[0].flaws.map(\.kind) == [.rejectedApproval])
    }
}
