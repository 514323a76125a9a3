import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The search of a caller's answers to a server's request for input, and the decision about them
/// (docs/specs/output-safety.md, sections 2, 4 and 7).
@Suite(.requirement("R082", "R084")) struct InputAnswerTests {
    private typealias Legacy = `Questions to legacy callers`
    private typealias Modern = `Questions to modern callers`
    private static let secret = "canary-value"
    private static let run = NameAuthenticator.run(of: "clerk")

    private func bench(_ inspector: StubInspector) throws -> Bench {
        try Bench(policy: Asking.asks, results: inspector) {
            $0.resultSearchLimit = .seconds(30)
        }
    }

    /// A server that is internal, and asks for a region.
    private func internalBench(_ rule: [(String, String)]) throws -> Bench {
        let bench = try Bench(policy: Asking.asks + BenchPolicy.reviewed + rule, stage: 3)
        Asking.upstream(bench, [[Asking.form()]])
        return bench
    }

    private static func accepted(_ region: String) -> JSONObject {
        ["action": "accept", "content": ["region": .string(region)]]
    }

    /// Calls a tool, answers its form, and returns the end of the call.
    private func end(
        _ bench: Bench, _ tool: String = "look", isModern: Bool, region: String, text: String = "a",
        meanwhile: () async throws -> Void = {}
    ) async throws -> FakeExchange {
        guard isModern else {
            let client = try await Legacy.open(bench)
            let call = client.begin(tool, ["text": .string(text)])
            try await answer(call, of: client, region, meanwhile)
            return await call.answer()
        }
        let client = Modern.client(bench)
        let first = await client.send(client.call(tool, ["text": .string(text)]))
        let state = try #require(first.message?["result"]?["requestState"]?.string)
        try await meanwhile()
        var retry = client.call(tool, ["text": .string(text)], id: 8)
        retry.params["inputResponses"] = ["q": .object(Self.accepted(region))]
        retry.params["requestState"] = .string(state)
        return await client.send(retry)
    }

    /// Answers the form of the server that a legacy caller gets; the gateway's own is about an approval.
    private func answer(
        _ call: Client.Call, of client: Client, _ region: String,
        _ meanwhile: () async throws -> Void = {}
    ) async throws {
        func form() -> JSONValue? {
            call.exchange.messages.first {
                $0["params"]?["requestedSchema"]?["properties"]?["region"] != nil
            }
        }
        #expect(await until { form() != nil })
        let asked = try #require(form())
        try await meanwhile()
        await client.post(Legacy.answer(asked["id"], .object(Self.accepted(region))))
    }

    private func round(_ bench: Bench) throws -> RecordDraft {
        try #require(bench.ledger.drafts(of: .callInput).last)
    }

    private func alerts(_ bench: Bench, _ code: String) -> Int {
        bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == .string(code) }
    }

    // Secrets.

    @Test(arguments: [false, true])
    func `an answer with a token ends the call, and the record says what and not its value`(
        isModern: Bool
    ) async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form()]])
        let exchange = try await end(bench, isModern: isModern, region: "a \(Self.secret)")
        check(exchange, .refused(4030, "secret-in-arguments"))
        #expect(exchange.text.contains("(token at /q/content/region)"))
        #expect(!exchange.text.contains(Self.secret))
        let decision = exchange.message?["result"]?["_meta"]?["interlock/decision"]
        #expect(decision?["outcome"] == "unknown")
        let round = try round(bench)
        #expect(round.fields["refused"] == ["safety.secret_in_arguments"])
        #expect(round.fields["find"] == ["token": 1])
        #expect(round.fields["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        let sealed = String(decoding: try #require(round.plaintext("answers")), as: UTF8.self)
        #expect(sealed.contains(Self.secret), "the owner can read it")
        #expect(bench.types.suffix(2) == [.callInput, .callUnknown])
        #expect(alerts(bench, "call.blocked") == 1 && alerts(bench, "call.brokered_value") == 0)
        let denials = bench.gateway.tally.denials
        #expect(denials.first { $0.key.code == "safety.secret_in_arguments" }?.value == 1)
    }

    /// The control: without a finding the same answer arrives.
    @Test(arguments: [false, true])
    func `an answer without a finding arrives`(isModern: Bool) async throws {
        let bench = try bench(.clean)
        Asking.upstream(bench, [[Asking.form()]])
        let exchange = try await end(bench, isModern: isModern, region: Self.secret)
        check(exchange, .text("asked: accept:\(Self.secret)"))
        #expect(try round(bench).fields["refused"] == nil)
    }

    @Test(arguments: [
        (SecretClass.brokered, "brokered-value", "brokered_value"), (.canary, "canary", "canary"),
    ])
    func `a value of the broker and a canary raise alerts of their own`(
        _ secretClass: SecretClass, _ reason: String, _ code: String
    ) async throws {
        let bench = try bench(.finding(Self.secret, secretClass))
        Asking.upstream(bench, [[Asking.form()]])
        let exchange = try await end(bench, isModern: true, region: Self.secret)
        check(exchange, .refused(4030, reason))
        #expect(try round(bench).fields["refused"] == [.string("safety.\(code)")])
        #expect(alerts(bench, "call.blocked") == 0 && alerts(bench, "call.\(code)") == 1)
    }

    @Test func `a sample of the caller's model is searched`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.sample]])
        let client = try await Legacy.open(bench)
        let call = client.begin("look")
        let asked = try await Legacy.question(call)
        await client.post(
            Legacy.answer(
                asked["id"],
                [
                    "role": "assistant", "model": "small",
                    "content": ["type": "text", "text": .string(Self.secret)],
                ]))
        check(await call.answer(), .refused(4030, "secret-in-arguments"))
    }

    @Test func `answers that come with the call are searched`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form()]])
        let client = Modern.client(bench)
        var early = client.call("look", ["text": "a"])
        early.params["inputResponses"] = ["q": .object(Self.accepted(Self.secret))]
        check(await client.send(early), .refused(4030, "secret-in-arguments"))
    }

    /// The server chose its key, and gets it back with the gateway's own answer alone.
    @Test func `the request that was declined for its caller is no answer`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form(Self.secret), Asking.form()]])
        let exchange = try await end(bench, isModern: true, region: "eu")
        check(exchange, .text("asked: decline accept:eu"))
        #expect(try round(bench).fields["refused"] == ["found"])
        let found = try await end(bench, isModern: true, region: Self.secret, text: "b")
        check(found, .refused(4030, "secret-in-arguments"))
        let fields = try round(bench).fields
        #expect(fields["refused"] == ["found", "safety.secret_in_arguments"])
        #expect(fields["find"] == ["token": 2])
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search nothing is sent`(_ failure: ResultInspectionFailure)
        async throws
    {
        let bench = try bench(StubInspector { $0.contains("accept") ? .failed(failure) : .clean })
        Asking.upstream(bench, [[Asking.form()]])
        let exchange = try await end(bench, isModern: false, region: "eu")
        check(exchange, .refused(4030, "scan-failed"))
        #expect(exchange.text.contains("(\(failure.rawValue))"))
        let fields = try round(bench).fields
        #expect(fields["refused"] == ["safety.scan_failed"] && fields["find"] == nil)
    }

    @Test func `a round that cannot be recorded is refused all the same`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form()]])
        bench.ledger.refuse(.callInput)
        let exchange = try await end(bench, isModern: true, region: Self.secret)
        check(exchange, .refused(4030, "secret-in-arguments"))
        #expect(bench.ledger.drafts(of: .callInput).isEmpty)
    }

    /// One agent must not keep all others from the server.
    @Test func `refused answers open no breaker of the server`() async throws {
        var patient = AgentBreakerSettings()
        (patient.denials, patient.denialsMinute) = (20, 60)
        patient.variants = Repeats(20, in: .seconds(10))
        let bench = try Bench(
            policy: Asking.asks, breakers: CircuitBreakerService(agents: patient),
            results: StubInspector.finding(Self.secret))
        bench.upstreams.answer { call in
            guard case .abandoned(let reason)? = await call.input?.ask([Asking.form()]) else {
                return .done
            }
            return .failed(.unknown, reason: reason)
        }
        for number in 0..<6 {
            let exchange = try await end(
                bench, isModern: true, region: Self.secret, text: "\(number)")
            check(exchange, .refused(4030, "secret-in-arguments"))
        }
        #expect(bench.ledger.drafts(of: .breakerOpened).isEmpty)
    }

    // Untrusted content, and other changes of the decision.

    @Test(arguments: [false, true])
    func
        `by the origin of values, answers were made by the model, and are outside content after a read`(
            isTainted: Bool
        ) async throws
    {
        let bench = try internalBench(BenchPolicy.taint("{mode: provenance}"))
        let exchange = try await end(bench, "note", isModern: false, region: "eu") {
            if isTainted { bench.taint() }
        }
        check(
            exchange,
            isTainted ? .refused(4030, "taint-approval") : .text("asked: accept:eu"))
    }

    @Test(arguments: [false, true])
    func `an answer of a run that is tainted since the call was allowed is not sent`(
        isModern: Bool
    ) async throws {
        let bench = try internalBench(BenchPolicy.strict)
        let exchange = try await end(bench, "note", isModern: isModern, region: "eu") {
            bench.taint()
        }
        check(exchange, .refused(4030, "taint-approval"))
        #expect(exchange.text.contains("make it again"))
        #expect(try round(bench).fields["refused"] == ["policy.taint_approval"])
        #expect(bench.ledger.drafts(of: .approvalRequested).isEmpty)
        // The same call is decided as one of a tainted run, and its answers are sent.
        let client = try await Legacy.open(bench)
        let call = client.begin("note", ["text": "b"])
        let request = try await bench.request()
        #expect(request.decision.rule == "agents.clerk.taint")
        try await bench.vote(on: request.id, by: "ines")
        try await answer(call, of: client, "eu")
        check(await call.answer(), .text("asked: accept:eu"))
    }

    /// The record has all facts of the decision, also the label of the answers and the level of the run.
    @Test(arguments: ["strict", "provenance"], [false, true])
    func `the decision about answers is made again from its record`(
        _ mode: String, isTainted: Bool
    ) async throws {
        let bench = try internalBench(BenchPolicy.taint("{mode: \(mode)}"))
        _ = try await end(bench, "note", isModern: false, region: "eu") {
            if isTainted { bench.taint() }
        }
        let record = try round(bench)
        let recorded = try RecordedDecision(parsing: try #require(record.plaintext("again")))
        let policy = bench.gateway.policy.snapshot(for: recorded.agent)
        #expect(record.fields["pol"] == .string(policy.digestText))
        let sent = try #require(bench.ledger.drafts(of: .callIntent).last?.plaintext("args"))
        let arguments = try JSONValue(parsing: sent, limits: .upstream)
        let differences = DecisionReplay.differences(
            of: recorded, leaf: nil, arguments: arguments, under: policy)
        #expect(differences.isEmpty)
        let again = recorded.decide(arguments, under: policy)
        #expect(again.verdict.needsPeople == isTainted)
    }

    /// The control, and what the rule does not ask for a new call.
    @Test func `without the rule, or for a read, the answer is sent`() async throws {
        for (rule, tool) in [([], "note"), (BenchPolicy.strict, "look")] {
            let bench = try internalBench(rule)
            let exchange = try await end(bench, tool, isModern: true, region: "eu") {
                bench.taint()
            }
            check(exchange, .text("asked: accept:eu"))
        }
    }

    @Test func `an answer to a graver call is denied where the policy states so`() async throws {
        let bench = try internalBench(BenchPolicy.deny)
        let client = try await Legacy.open(bench)
        let call = client.begin("mail", ["text": "a"])
        try await bench.vote(on: try await bench.request().id, by: "ines")
        try await answer(call, of: client, "eu") { bench.taint() }
        check(await call.answer(), .refused(4030, "taint-denied"))
        #expect(try round(bench).fields["refused"] == ["policy.taint_denied"])
        #expect(alerts(bench, "call.blocked") == 1)
    }

    /// The request itself is content of such a server.
    @Test(arguments: [Asking.form(), Asking.sample])
    func `a call of a clean run to a server that is not internal asks its caller nothing`(
        _ request: InputRequest
    ) async throws {
        let bench = try Bench(policy: Asking.asks + BenchPolicy.strict, stage: 3)
        Asking.upstream(bench, [[request]])
        let client = try await Legacy.open(bench)
        let exchange = await client.call("note")
        check(exchange, .refused(4030, "taint-approval"))
        #expect(exchange.messages.allSatisfy { $0["method"] == nil })
        let fields = try round(bench).fields
        #expect(fields["refused"] == ["policy.taint_approval"])
        #expect(fields["asked"]?.array?.count == 1)
        #expect(bench.ledger.drafts(of: .budgetReserved).isEmpty)
    }

    @Test func `the answer of a run that is paused since is not sent`() async throws {
        let bench = try Bench(policy: Asking.asks, breakers: CircuitBreakerService())
        Asking.upstream(bench, [[Asking.form()]])
        let clerk = try #require(AgentName("clerk"))
        let exchange = try await end(bench, isModern: false, region: "eu") {
            bench.gateway.suspect(Self.run, of: clerk)
        }
        check(exchange, .refused(4290, "breaker-agent"))
        let record = try round(bench)
        #expect(record.fields["refused"] == ["limit.breaker_agent"])
        #expect(record.fields["pol"] == nil && record.plaintext("again") == nil)
    }

    /// A guess at a value costs what a denied call costs.
    @Test func `refused answers count as denials of their run`() async throws {
        let bench = try Bench(
            policy: Asking.asks, breakers: CircuitBreakerService(),
            results: StubInspector.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form()]])
        var guesses = 0
        while bench.gateway.breakers.reason(of: Self.run) == nil, guesses < 10 {
            let exchange = try await end(
                bench, isModern: true, region: Self.secret, text: "\(guesses)")
            check(exchange, .refused(4030, "secret-in-arguments"))
            guesses += 1
        }
        #expect((1..<10).contains(guesses))
    }

    @Test func `a policy that forbids the call since keeps the answer back`() async throws {
        let bench = try internalBench([])
        let exchange = try await end(bench, isModern: true, region: "eu") {
            try bench.swapUnseen(
                Asking.asks + BenchPolicy.reviewed + [("tools: [desk.nuke]", "tools: [desk.look]")])
        }
        check(exchange, .refused(4030, "forbid"))
        #expect(try round(bench).fields["refused"] == ["policy.forbid"])
    }
}
