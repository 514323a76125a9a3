import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Policies that change under load.
@Suite struct `Reload under load` {
    /// The effect of a revision comes before its policy is seen: otherwise a call would be decided by the policy of one
    /// revision and searched by the rules of the one before.
    @Test(.timeLimit(.minutes(10)))
    func `no reader sees a policy without what belongs to it`() async throws {
        let bench = try Bench(stage: 3)
        let next = try BenchPolicy.snapshot([
            ("tools: [desk.nuke]}", "tools: [desk.nuke, desk.note]}")
        ])
        let first = bench.gateway.policy.snapshot
        for _ in 0..<200 {
            bench.gateway.policy.swap(to: first, isFounding: false)
            let effect = Flag()
            let reader = Task.detached { () -> Bool in
                while bench.gateway.policy.snapshot !== next { await Task.yield() }
                return effect.isSet
            }
            bench.gateway.policy.swap(to: next, isFounding: false) { effect.set() }
            #expect(await reader.value)
        }
    }

    /// One revision allows `look` and denies `report`, the other vice versa: a decision that mixed the two would have a
    /// digest and a verdict that do not match.
    @Test(.timeLimit(.minutes(10)))
    func `no decision mixes two snapshots`() async throws {
        let forbids = ["desk.look", "desk.note"].map { tool in
            [("tools: [desk.nuke]}", "tools: [desk.nuke, \(tool)]}")]
        }
        let bench = try Bench(policy: forbids[0], stage: 3)
        let snapshots = try forbids.map { try BenchPolicy.snapshot($0) }
        let allowed = [
            snapshots[0].digest.base64: "desk__note", snapshots[1].digest.base64: "desk__look",
        ]
        let client = try await Client.open(bench)
        let isOver = Flag()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    for _ in 0..<100 {
                        let exchange = await client.call(number % 2 == 0 ? "look" : "note")
                        switch Expected(exchange) {
                        case .text("done"), .error(-32602, status: 200),
                            .refused(4030, "forbid"):
                            break
                        case let other: Issue.record("answered \(String(describing: other))")
                        }
                        _ = await client.tools()
                        await Task.yield()
                    }
                }
            }
            let reload = Task {
                var round = 0
                while !isOver.isSet {
                    round += 1
                    bench.gateway.policy.swap(to: snapshots[round % 2], isFounding: false)
                    try? await Task.sleep(for: .microseconds(500))
                }
            }
            await group.waitForAll()
            isOver.set()
            await reload.value
        }
        var intents = 0
        var denials = 0
        for record in bench.ledger.drafts where record.fields["dec"] != nil {
            guard let policy = record.fields["pol"]?.string,
                let tool = record.fields["tool"]?.string
            else { continue }
            if record.type == .callIntent {
                intents += 1
                #expect(allowed[policy] == tool)
            } else if record.fields["intent"] == nil {
                denials += 1
                #expect(allowed[policy] != tool)
            }
        }
        #expect(intents > 50 && denials > 50, "\(intents) and \(denials)")
    }
}
