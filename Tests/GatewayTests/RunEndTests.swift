import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The end of a run: `run.end` is its last record, and nothing stays in memory.
@Suite struct `Runs and their ends` {
    private static let run = NameAuthenticator.run(of: "clerk")
    /// The time from a token's expiry to the end of its run.
    private static let after = TokenLife.leeway + RunExpiryTable.settling

    /// A bench with a token of the run that is valid for a minute.
    private func bench(_ change: [(String, String)] = []) throws -> Bench {
        let bench = try Bench(policy: change)
        try issue(bench, for: .seconds(60))
        return bench
    }

    @discardableResult
    private func issue(_ bench: Bench, for life: Duration) throws -> Bool {
        bench.gateway.runs.extend(
            Self.run, of: try #require(AgentName("clerk")), to: bench.clock.now.wall + life)
    }

    /// Advances the clock and runs the gateway's sweep.
    private func pass(_ bench: Bench, _ time: Duration) async {
        bench.clock.advance(time)
        await bench.gateway.sweep()
    }

    @Test func `a run ends once its last token has, and not before`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look")
        await pass(bench, .seconds(60) + Self.after - .milliseconds(1))
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        #expect(bench.gateway.runs.openCount == 1)
        await pass(bench, .milliseconds(1))
        let mine = bench.ledger.drafts.filter { $0.run != nil }
        #expect(mine.suffix(2).map(\.type) == [.sessionClosed, .runEnd])
        #expect(mine.last?.fields["code"] == "expired")
        #expect(bench.gateway.runs.openCount == 0)
        #expect(bench.gateway.runs.known(Self.run) == nil)
        #expect(bench.gateway.sessions.count == 0)
        await pass(bench, .seconds(3600))
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
    }

    @Test func `a run that ended holds no breaker and no workload`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look")
        let clerk = try #require(AgentName("clerk"))
        let now = bench.clock.now
        bench.gateway.breakers.recall(
            [HeldRun(run: Self.run, agent: clerk, step: .pause, reason: "same-any", until: nil)],
            at: now.boot)
        let principal = Principal(
            agent: clerk, run: Self.run, purpose: nil, onBehalfOf: nil, credential: "another",
            expires: now.wall + .seconds(60))
        #expect(bench.gateway.workloads.bind(principal, to: .user(1), now: now.wall) == .own)
        #expect(bench.gateway.breakers.held.map(\.run) == [Self.run])
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
        #expect(bench.gateway.breakers.held.isEmpty)
        #expect(bench.gateway.workloads.bind(principal, to: .user(2), now: now.wall) == .own)
    }

    @Test func `nothing is permitted in a run that ended, and no token is issued for it`()
        async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        await pass(bench, .seconds(60) + Self.after)
        await bench.check(.http(401), records: [.accessRefused], sent: 0) {
            await client.call("look")
        }
        #expect(bench.ledger.drafts(of: .accessRefused).last?.fields["code"] == "access.expired")
        #expect(try !issue(bench, for: .seconds(60)))
        await bench.gateway.sweep()
        #expect(bench.ledger.drafts(of: .runStart).count == 1)
    }

    @Test func `another token holds the run open`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look")
        #expect(try issue(bench, for: .seconds(3600)))
        #expect(try issue(bench, for: .seconds(60)))
        await pass(bench, .seconds(60) + Self.after)
        await pass(bench, .seconds(3540) - .milliseconds(1))
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        await pass(bench, .milliseconds(1))
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
    }

    @Test func `a run whose tokens were revoked ends without waiting for their time`() async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look")
        bench.authenticator.revoke(run: Self.run)
        await pass(bench, .zero)
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty, "a request may be on its way")
        await pass(bench, RunExpiryTable.settling)
        #expect(bench.ledger.drafts(of: .runEnd).map { $0.fields["code"] } == ["revoked"])
    }

    @Test func `a call that is open has its outcome first`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let call = client.begin("look")
        #expect(await until { gate.arrived == 1 })
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        #expect(bench.gateway.runs.openCount == 1)
        gate.open()
        check(await call.answer(), .text("done"))
        await pass(bench, RunExpiryTable.patience)
        let mine = bench.ledger.drafts.filter { $0.run != nil }.map(\.type)
        #expect(mine.filter { [.callOutcome, .runEnd].contains($0) } == [.callOutcome, .runEnd])
        #expect(mine.last == .runEnd)
    }

    @Test func `a request that waits for people has its end first`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        let call = client.begin("note")
        #expect(await until { bench.approvals.live.count == 1 })
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        // An undecided request expires after half an hour.
        await pass(bench, .seconds(1800))
        _ = await call.answer()
        await pass(bench, RunExpiryTable.patience)
        #expect(bench.approvals.live.isEmpty)
        #expect(bench.ledger.drafts.last { $0.run != nil }?.type == .runEnd)
        #expect(bench.ledger.drafts(of: .approvalExpired).count == 1)
    }

    @Test func `a run of an earlier process ends too, and begins only once`() async throws {
        let first = try bench()
        let client = try await Client.open(first)
        await client.call("look")
        let agent = try #require(AgentName("clerk"))
        first.ledger.found(
            Self.run, RunExpiry(agent: agent, until: first.clock.now.wall + .seconds(90)))
        let second = try Bench(ledger: first.ledger)
        await pass(second, .seconds(90) + Self.after - .milliseconds(1))
        #expect(second.ledger.drafts(of: .runEnd).isEmpty)
        await pass(second, .milliseconds(1))
        let end = try #require(second.ledger.drafts(of: .runEnd).last)
        #expect(end.run == RunContext(run: Self.run, agent: agent, subject: nil))
        #expect(second.ledger.drafts(of: .runStart).count == 1)
    }

    @Test func `where a token is not on record the longest may be out`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        await client.call("look")
        await pass(bench, TokenLife.bounds.upperBound)
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
    }

    @Test func `a token that nobody used leaves no record behind`() async throws {
        let bench = try bench()
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.gateway.runs.openCount == 0)
        #expect(bench.ledger.drafts.isEmpty)
    }

    @Test func `what the log did not take is tried again`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look")
        bench.ledger.refuse(.runEnd)
        await pass(bench, .seconds(60) + Self.after)
        #expect(bench.gateway.runs.openCount == 1)
        bench.ledger.accept()
        await pass(bench, RunExpiryTable.patience - .milliseconds(1))
        #expect(bench.ledger.drafts(of: .runEnd).isEmpty)
        await pass(bench, .milliseconds(1))
        #expect(bench.ledger.drafts(of: .runEnd).count == 1)
    }
}

@Suite struct `The table of terms` {
    private let agent = AgentName("clerk")

    private func run(_ number: Int) -> RunID {
        RunID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10))
    }

    private func at(_ seconds: Int) -> Timestamp {
        Timestamp(microseconds: Int64(seconds) * 1_000_000)
    }

    private var wait: Int { Int((TokenLife.leeway + RunExpiryTable.settling).components.seconds) }

    @Test(arguments: 0..<20) func `runs end in the order of their times, so many at once`(
        seed: UInt64
    ) throws {
        let agent = try #require(agent)
        var table = RunExpiryTable([:])
        let order = SeededEntropy(seed: seed).bytes(200)
        for (number, byte) in order.enumerated() {
            let isHeld = table.extend(run(number), of: agent, to: at(Int(byte)))
            #expect(isHeld)
        }
        var ended: [Int] = []
        var now = 0
        while table.count > 0, now < 1000 {
            let taken = table.take(at: at(now + wait), limit: 3)
            #expect(taken.count <= 3)
            for candidate in taken {
                let number = Int(candidate.run.milliseconds)
                #expect(Int(order[number]) <= now)
                ended.append(number)
                table.settle(candidate.run, ended: true, at: at(now + wait))
            }
            if taken.isEmpty { now += 1 }
        }
        #expect(Set(ended).count == 200)
        #expect(ended.map { order[$0] } == order.sorted())
    }

    @Test func `a run that is ending gets no token until that has failed`() throws {
        let agent = try #require(agent)
        var table = RunExpiryTable([run(1): RunExpiry(agent: agent, until: at(0))])
        let first = table.take(at: at(wait), limit: 9)
        let whileEnding = table.extend(run(1), of: agent, to: at(9000))
        let again = table.take(at: at(wait), limit: 9)
        #expect((first.count, whileEnding, again.count) == (1, false, 0))
        table.settle(run(1), ended: false, at: at(wait))
        let afterwards = table.extend(run(1), of: agent, to: at(9000))
        let early = table.take(at: at(8999 + wait), limit: 9)
        let due = table.take(at: at(9000 + wait), limit: 9)
        #expect((afterwards, early.count) == (true, 0))
        #expect(due.map(\.run) == [run(1)])
    }
}
