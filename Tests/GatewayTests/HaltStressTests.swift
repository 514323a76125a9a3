import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// R111 under load: concurrent callers and orders, checked against the order of events.
@Suite struct `Halts under load` {
    private struct Span: Sendable {
        let target: HaltTarget
        let acknowledged: Int
        let releasing: Int
    }

    // The test takes 10 s on an idle machine; the limit only ends a test that hangs.
    @Test(.requirement("R111"), .timeLimit(.minutes(10)))
    func `R111: no call is dispatched between the ack of a halt and its release`() async throws {
        let bench = try Bench()
        bench.upstreams.answer { call in
            // A call in flight takes a while, or ends when it is cancelled.
            for _ in 0..<5 where call.cancel.cause == nil { await Task.yield() }
            return call.cancel.cause == nil ? .done : .cancelled(confirmed: false)
        }
        var generator = SeededGenerator.announced()
        let bearers = ["clerk", "clerk#2", "clerk#3", "reader"]
        var clients: [Client] = []
        for bearer in bearers { clients.append(try await Client.open(bench, as: bearer)) }
        let isOver = Flag()
        let spans = try await withThrowingTaskGroup(of: Void.self, returning: [Span].self) {
            group in
            for number in 0..<64 {
                let client = clients[number % clients.count]
                group.addTask {
                    while !isOver.isSet {
                        let exchange = await client.call("look")
                        switch Expected(exchange) {
                        case .text("done"), .error(4230, status: 200), .refused(4230, "halted"):
                            break
                        case let other: Issue.record("answered \(String(describing: other))")
                        }
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            defer { isOver.set() }
            return try await Self.order(40, bench, &generator)
        }
        #expect(bench.upstreams.sent.count > 200, "the load was a load")
        let cut = bench.ledger.drafts(of: .killEffective).compactMap { $0.fields["cut"]?.integer }
        #expect(cut.contains { $0 > 0 }, "some calls were cut in flight")
        let runs = Self.runs(bench)
        #expect(bench.upstreams.sent.allSatisfy { runs[$0.call.call.text] != nil })
        for span in spans {
            let wrong = bench.upstreams.sent.filter {
                span.acknowledged < $0.number && $0.number < span.releasing
                    && Self.covers(span.target, runs[$0.call.call.text])
            }
            #expect(wrong.isEmpty, "\(wrong.count) calls were sent under \(span.target)")
        }
        #expect(bench.gateway.inFlight.count == 0)
        // A denied caller receives its response before the record is written.
        #expect(await until { Self.openIntents(bench) == 0 }, "every intent has one closing record")
    }

    private static func order(
        _ rounds: Int, _ bench: Bench, _ generator: inout SeededGenerator
    ) async throws -> [Span] {
        var spans: [Span] = []
        let targets = `Halts`.targets.map(\.0)
        for _ in 0..<rounds {
            let sent = bench.upstreams.sent.count
            _ = await until { bench.upstreams.sent.count > sent + 5 }
            let target = targets[Int(generator.next() % UInt64(targets.count))]
            let report = try await bench.halt(target)
            let acknowledged = bench.sequence.next()
            #expect(report.missed == 0)
            for _ in 0..<Int(generator.next() % 20) { await Task.yield() }
            let releasing = bench.sequence.next()
            try await bench.release(report.order.id)
            spans.append(Span(target: target, acknowledged: acknowledged, releasing: releasing))
        }
        return spans
    }

    /// The number of intents without a closing record.
    private static func openIntents(_ bench: Bench) -> Int {
        let ledger = bench.ledger
        let ends =
            ledger.drafts(of: .callOutcome).count + ledger.drafts(of: .callUnknown).count
            + ledger.drafts(of: .callDenied).count { $0.fields["intent"] != nil }
        return ledger.drafts(of: .callIntent).count - ends
    }

    /// The run of each call, from its intent.
    private static func runs(_ bench: Bench) -> [String: RunContext] {
        var runs: [String: RunContext] = [:]
        for intent in bench.ledger.drafts(of: .callIntent) {
            if let call = intent.fields["call"]?.string { runs[call] = intent.run }
        }
        return runs
    }

    private static func covers(_ target: HaltTarget, _ run: RunContext?) -> Bool {
        switch target {
        case .org, .server, .tool: true
        case .drill: false
        case .agent(let agent): run?.agent == agent
        // `li` owns only the clerk.
        case .owner: run?.agent.text == "clerk"
        case .run(let halted): run?.run == halted
        }
    }
}
