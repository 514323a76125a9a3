import InterlockEvidencePack
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSelfTest
import Testing

@testable import InterlockSelfTesting

/// The judgement of the acts of a self-test (docs/specs/evidence.md, section 5).
@Suite struct `Acts of a self-test` {
    private static let expected: [SelfTestCase: SelfTestAnswer] = [
        .permittedCall: .answered,
        .unlistedTool: .refused(reason: SelfTestAnswer.unknownTool, rule: ""),
        .writeUnderRead: .refused(reason: "no-grant", rule: "no-grant"),
        .forbiddenArguments: .refused(reason: "forbid", rule: SelfTestCase.forbid),
        .changedArgument: .refused(reason: "pending", rule: "pending"),
        .replayedApproval: .refused(reason: "pending", rule: "pending"),
        .callUnderKill: .refused(reason: "halted", rule: "01kag0q9m2c4e6g8j0k2n4p6r8"),
        .overLimit: .refused(reason: "limit", rule: "calls"),
        .stageObserve: .refused(reason: "observe", rule: "observe"),
        .writeAfterUntrusted: .refused(reason: "pending", rule: ""),
        .secretInArguments: .refused(
            reason: "secret-in-arguments", rule: "secret-in-arguments"),
        .unlistedHost: .refused(reason: "403", rule: ""),
        .editedLog: .refused(reason: "proof", rule: ""),
    ]

    @Test(arguments: SelfTestCase.allCases)
    func `each passes with its own answer alone`(test: SelfTestCase) throws {
        for (other, answer) in Self.expected {
            let arrivals = answer == .answered ? 1 : 0
            let result = test.result(of: SelfTestObservation(answer, arrivals: arrivals))
            let isOwn = Self.expected[test] == answer
            // Two tools that do not exist for an agent are refused alike.
            let unlisted: Set<SelfTestCase> = [.unlistedTool, .writeUnderRead]
            // So are calls that wait for people.
            let pending: Set<SelfTestCase> = [
                .changedArgument, .replayedApproval, .writeAfterUntrusted,
            ]
            let isAlike = [unlisted, pending].contains { $0.isSuperset(of: [test, other]) }
            #expect(result.passed == (isOwn || isAlike), "\(other.rawValue)")
            #expect(result.id == test.rawValue)
            #expect((result.remedy == nil) == result.passed)
        }
    }

    @Test(arguments: SelfTestCase.allCases)
    func `a forbidden act that arrives fails, whatever is answered`(test: SelfTestCase) throws {
        let answer = try #require(Self.expected[test])
        let arrivals = test == .permittedCall ? 2 : 1
        #expect(!test.result(of: SelfTestObservation(answer, arrivals: arrivals)).passed)
        #expect(
            test == .permittedCall
                || !test.result(
                    of: SelfTestObservation(.answered, arrivals: 1)
                ).passed)
    }

    @Test(arguments: SelfTestCase.allCases)
    func `an act that was not made fails`(test: SelfTestCase) {
        #expect(!test.result(of: nil).passed)
        let other = SelfTestObservation(.other("the sandbox does not start"), arrivals: 0)
        #expect(!test.result(of: other).passed)
    }

    @Test(arguments: SelfTestCase.allCases)
    func `only a host that nothing could ask for may be left out`(test: SelfTestCase) {
        let absent = SelfTestObservation(.absent("no sandbox"), arrivals: 0)
        #expect(test.result(of: absent).passed == (test == .unlistedHost))
    }

    @Test func `a report with an act too few, or one that failed, did not pass`() throws {
        let acts = SelfTestCase.allCases.map { test in
            test.result(
                of: Self.expected[test].map {
                    SelfTestObservation($0, arrivals: $0 == .answered ? 1 : 0)
                })
        }
        #expect(report(acts).passed)
        #expect(!report(Array(acts.dropLast())).passed)
        #expect(!report([]).passed)
        for place in acts.indices {
            var changed = acts
            changed[place] = SelfTestCase.allCases[place].result(of: nil)
            #expect(!report(changed).passed)
            #expect(report(changed).failures.map(\.id) == [acts[place].id])
        }
    }

    private func report(_ acts: [SelfTestResult]) -> SelfTestReport {
        let now = Timestamp(microseconds: 1_795_000_000_000_000)
        return SelfTestReport(
            id: OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)), started: now,
            ended: now, policy: Digest(words: (1, 2, 3, 4)), acts: acts, checks: [])
    }

    @Test func `the ids of acts and checks are distinct, and those that controls name exist`() {
        let ids =
            SelfTestCase.allCases.map(\.rawValue) + DeploymentCheck.allCases.map(\.rawValue)
        #expect(Set(ids).count == ids.count)
        for id in EvidenceControl.all.flatMap(\.selfTests) { #expect(ids.contains(id), "\(id)") }
        #expect(DeploymentCheck.allCases.count { $0.rawValue.hasPrefix("pitfall-") } == 9)
        #expect(DeploymentCheck.allCases.count { $0.rawValue.hasPrefix("five-") } == 5)
        #expect(DeploymentCheck.allCases.count { $0.rawValue.hasPrefix("seven-") } == 7)
    }
}

/// The policy of the canaries of a self-test.
@Suite struct `Policy of a self-test` {
    /// 2099-01-01T00:00:00Z, at which the elevation of the reading canary begins for an hour.
    private static let begin = Timestamp(microseconds: 4_070_908_800_000_000)

    @Test(arguments: [(-1, false), (0, true), (3_599, true), (3_600, false)] as [(Int64, Bool)])
    func `its elevation would permit the write in its period alone`(
        seconds: Int64, isPermitted: Bool
    ) throws {
        let policy = try SelfTestPolicy.made(at: Timestamp(microseconds: 1_795_000_000_000_000))
        #expect(!policy.snapshot.findings.contains { $0.code.grade == .lint })
        let server = try #require(ServerName(SelfTestPolicy.server))
        let tool = try #require(ToolName(SelfTestPolicy.change))
        let agent = try #require(AgentName(CanaryNames.agent(SelfTestPolicy.reader)))
        let isVisible = policy.snapshot.isVisible(
            ToolAddress(server: server, tool: tool), to: agent, stage: .trusted,
            at: Self.begin + .seconds(seconds))
        #expect(isVisible == isPermitted)
    }

    @Test func `the owner of the canary that asks is in the group that decides`() {
        #expect(SelfTestPolicy.approvers.contains(SelfTestPolicy.owner))
        #expect(SelfTestPolicy.approvers.count > 2)
    }
}

/// The parts of responses that the canary of a self-test reads.
@Suite struct `Answers to a self-test` {
    private func answer(_ text: String) -> SelfTestAnswer { SelfTestAnswer(body: Array(text.utf8)) }

    @Test func `results, refusals and errors are told apart`() {
        let counted = """
            {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"\(SelfTestAnswer.counted)"}]}}
            """
        #expect(answer(counted) == .answered)
        #expect(answer("event: message\ndata: \(counted)\n\n") == .answered)
        let refused = """
            {"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[],"_meta":{"interlock/decision":{"code":4030,"reason":"forbid","ruleId":"selftest-forbid"}}}}
            """
        #expect(answer(refused) == .refused(reason: "forbid", rule: "selftest-forbid"))
        let halted = """
            {"jsonrpc":"2.0","id":1,"error":{"code":4230,"message":"halted","data":{"reason":"halted","ruleId":"x"}}}
            """
        #expect(answer(halted) == .refused(reason: "halted", rule: "x"))
        let unknown = """
            {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"unknown tool"}}
            """
        #expect(answer(unknown) == .refused(reason: SelfTestAnswer.unknownTool, rule: ""))
    }

    @Test(arguments: [
        "", "no JSON", "{}", "[1]", "data: {\"result\"",
        #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"another"}]}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"fault"}}"#,
    ])
    func `what is not understood is neither an answer nor a refusal`(text: String) {
        guard case .other = answer(text) else {
            Issue.record("\(text) was understood")
            return
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 403 Forbidden\n", SelfTestAnswer.refused(reason: "403", rule: ""), 0),
        ("noise\nHTTP/1.1 200 OK\n", SelfTestAnswer.answered, 1),
    ])
    func `the proxy's status line decides about a host`(
        text: String, expected: SelfTestAnswer, arrivals: Int
    ) {
        let found = SelfTestEgress.observation(of: text)
        #expect(found == SelfTestObservation(expected, arrivals: arrivals))
    }

    @Test func `a run without a status line shows nothing`() {
        let found = SelfTestEgress.observation(of: "bash: connect: refused\n")
        #expect(!SelfTestCase.unlistedHost.result(of: found).passed)
    }
}
