import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Each round of requests for input has its own decision, with the facts of then (docs/decisions/0136-answers-to-servers.md).
@Suite(.requirement("R082", "R084")) struct InputRoundTests {
    private typealias Legacy = `Questions to legacy callers`
    private typealias Modern = `Questions to modern callers`
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let accepted: JSONObject = ["action": "accept", "content": ["region": "eu"]]

    private static func clerk(_ rule: String) -> [(String, String)] {
        [("approvers: finance\n", "approvers: finance\n    \(rule)\n")]
    }
    private static let strict = BenchPolicy.strict + BenchPolicy.reviewed

    /// The keys of the requests whose answers reached the server.
    private final class AnsweredKeys: Sendable {
        private let keys = Mutex<[String]>([])
        var all: [String] { keys.withLock { $0 } }
        func add(_ key: String) { keys.withLock { $0.append(key) } }
    }

    /// Sets an upstream that makes one request in each of two rounds.
    ///
    /// - Parameter change: is called between them.
    private func answers(
        _ bench: Bench, change: @escaping @Sendable () -> Void = {}
    ) -> AnsweredKeys {
        let answered = AnsweredKeys()
        bench.upstreams.answer { call in
            guard let input = call.input else { return .text("nothing can be asked") }
            for key in ["q", "again"] {
                guard case .answered = await input.ask([Asking.form(key)]) else {
                    return .cancelled(confirmed: false)
                }
                answered.add(key)
                if key == "q" { change() }
            }
            return .done
        }
        return answered
    }

    /// Waits for a form of the server that a legacy caller gets, and accepts it.
    ///
    /// - Parameter number: from 0.
    private func accept(
        _ number: Int, of call: Client.Call, _ client: Client, meanwhile: () -> Void = {}
    ) async throws {
        func forms() -> [JSONValue] {
            call.exchange.messages.filter {
                $0["params"]?["requestedSchema"]?["properties"]?["region"] != nil
            }
        }
        #expect(await until { forms().count > number })
        let form = try #require(forms().dropFirst(number).first)
        meanwhile()
        await client.post(Legacy.answer(form["id"], .object(Self.accepted)))
    }

    /// Accepts the form of a parked call, and returns its next response.
    private func accept(
        _ key: String, of tool: String, after exchange: FakeExchange, _ client: ModernClient,
        id: Int64
    ) async throws -> FakeExchange {
        let state = try #require(exchange.message?["result"]?["requestState"]?.string)
        var retry = client.call(tool, ["text": "a"], id: id)
        retry.params["inputResponses"] = .object([key: .object(Self.accepted)])
        retry.params["requestState"] = .string(state)
        return await client.send(retry)
    }

    /// Checks that the first round of two was answered and the second one refused.
    private func checkSecond(_ bench: Bench, refused code: JSONValue) throws {
        let rounds = bench.ledger.drafts(of: .callInput)
        try #require(rounds.count == 2)
        #expect(rounds[0].fields["refused"] == nil)
        #expect(rounds[1].fields["refused"] == .array([code]) && rounds[1].fields["round"] == 2)
        #expect(bench.types.suffix(2) == [.callInput, .callUnknown])
    }

    /// The policy asks the same people about a call of a tainted run.
    @Test func `a call that people approved is answered also if its run is tainted since`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks + Self.strict, stage: 1)
        let answered = answers(bench)
        let client = try await Legacy.open(bench)
        let call = client.begin("note", ["text": "a"])
        let request = try await bench.request()
        #expect(request.decision.rule != "agents.clerk.taint", "the run is clean")
        try await bench.vote(on: request.id, by: "ines")
        try await accept(0, of: call, client) { bench.taint() }
        try await accept(1, of: call, client)
        check(await call.answer(), .text("done"))
        #expect(answered.all == ["q", "again"])
        #expect(bench.ledger.drafts(of: .callInput).allSatisfy { $0.fields["refused"] == nil })
        #expect(bench.ledger.drafts(of: .approvalRequested).count == 1)
    }

    @Test(arguments: [false, true])
    func `the first answer is sent, and the second one of a run that is tainted since is not`(
        isModern: Bool
    ) async throws {
        let bench = try Bench(policy: Asking.asks + Self.strict, stage: 3)
        let answered = answers(bench)
        let exchange: FakeExchange
        if isModern {
            let client = Modern.client(bench)
            let first = await client.send(client.call("note", ["text": "a"]))
            let second = try await accept("q", of: "note", after: first, client, id: 8)
            bench.taint()
            exchange = try await accept("again", of: "note", after: second, client, id: 9)
        } else {
            let client = try await Legacy.open(bench)
            let call = client.begin("note", ["text": "a"])
            try await accept(0, of: call, client)
            try await accept(1, of: call, client) { bench.taint() }
            exchange = await call.answer()
        }
        check(exchange, .refused(4030, "taint-approval"))
        #expect(answered.all == ["q"])
        try checkSecond(bench, refused: "policy.taint_approval")
    }

    @Test func `a run that is tainted between two rounds is not asked a second time`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks + Self.strict, stage: 3)
        let tainted = bench.gateway.runs.tainted
        let read = UntrustedRead(call: bench.gateway.newID(), at: bench.clock.now.wall)
        let answered = answers(bench) { tainted.add(Self.run, read) }
        let client = try await Legacy.open(bench)
        let call = client.begin("note", ["text": "a"])
        try await accept(0, of: call, client)
        let exchange = await call.answer()
        check(exchange, .refused(4030, "taint-approval"))
        #expect(exchange.messages.count { $0["method"] != nil } == 1)
        #expect(answered.all == ["q"])
        try checkSecond(bench, refused: "policy.taint_approval")
    }

    /// One unit is used by another call. The own one does not count against the call.
    @Test(arguments: [("2/d", true), ("1/d", false)])
    func `a limit that is lower since the first round decides about the second`(
        _ limit: String, _ hasRoom: Bool
    ) async throws {
        let bench = try Bench(
            policy: Asking.asks + Self.clerk("limits: {desk.look: 3/d}"), stage: 3)
        let client = Modern.client(bench)
        check(await client.send(client.call("look")), .text("done"))
        let answered = answers(bench)
        let first = await client.send(client.call("look", ["text": "a"]))
        let second = try await accept("q", of: "look", after: first, client, id: 8)
        try bench.swapUnseen(Asking.asks + Self.clerk("limits: {desk.look: \(limit)}"))
        let exchange = try await accept("again", of: "look", after: second, client, id: 9)
        if hasRoom {
            check(exchange, .text("done"))
            #expect(answered.all == ["q", "again"])
        } else {
            check(exchange, .refused(4030, "limit"))
            #expect(answered.all == ["q"])
            try checkSecond(bench, refused: "policy.limit")
        }
    }
}
