import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Circuit breakers in the pipeline, against a server that counts its calls.
@Suite struct `Breakers on calls` {
    @Test(.requirement("R108", "R109"))
    func `an identical read ends after ten calls, and its run after eleven`() async throws {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        for _ in 0..<10 { check(await client.call("look"), .text("done")) }
        check(await client.call("look"), .refused(4290, "breaker-agent"))
        #expect(bench.upstreams.sent.count == 10)
        #expect(bench.ledger.drafts(of: .responseThrottle).count == 1)
        #expect(bench.ledger.drafts(of: .responsePause).count == 1)
        let denial = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denial.fields["rule"] == "breaker-agent")
        bench.clock.advance(.seconds(100_000))
        let again = try await Client.open(bench)
        check(await again.call("look", ["n": 2]), .refused(4290, "breaker-agent"))
        #expect(bench.upstreams.sent.count == 10)
    }

    @Test func `a slowed run calls once in ten seconds`() async throws {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        for _ in 0..<10 { _ = await client.call("look") }
        var passed = 0
        for number in 0..<60 {
            bench.clock.advance(.seconds(1))
            if Expected(await client.call("look", ["n": .integer(Int64(number))])) == .text("done")
            {
                passed += 1
            }
        }
        #expect(passed == 6)
        bench.clock.advance(.seconds(300))
        await bench.gateway.sweep()
        #expect(bench.ledger.drafts(of: .responseEnd).map { $0.fields["code"] } == ["time"])
        for number in 100..<105 {
            check(await client.call("look", ["n": .integer(Int64(number))]), .text("done"))
        }
    }

    @Test func `denials in a row slow a run down, and a limit is none`() async throws {
        let bench = try Bench(
            policy: [
                ("approvers: finance\n", "approvers: finance\n    limits: {desk.look: 1/d}\n")
            ],
            stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        check(await client.call("look", ["n": 0]), .text("done"))
        for number in 1..<20 {
            check(
                await client.call("look", ["n": .integer(Int64(number))]), .refused(4290, "limit"))
        }
        #expect(bench.gateway.breakers.held.isEmpty)
        for _ in 0..<5 { _ = await client.call("audit") }
        #expect(bench.gateway.breakers.held.count == 1)
    }

    @Test func `a server that fails is not called, and one call at a time shows that it is well`()
        async throws
    {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .failed(.unknown, reason: "reset") }
        for number in 0..<5 { _ = await client.call("look", ["n": .integer(Int64(number))]) }
        #expect(bench.ledger.drafts(of: .breakerOpened).count == 2)
        bench.upstreams.answer { _ in .done }
        for number in 5..<9 {
            check(
                await client.call("look", ["n": .integer(Int64(number))]),
                .refused(5020, "breaker-open"))
        }
        #expect(bench.upstreams.sent.count == 5)
        bench.clock.advance(.seconds(30))
        for number in 10..<13 {
            check(await client.call("look", ["n": .integer(Int64(number))]), .text("done"))
        }
        #expect(bench.ledger.drafts(of: .breakerClosed).count == 2)
        check(await client.call("look", ["n": 99]), .text("done"))
    }

    @Test(arguments: [ResponseExcess.Limit.depth, .size])
    func `an answer above a limit says nothing about its server`(
        limit: ResponseExcess.Limit
    ) async throws {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        let expected: Expected = .refused(
            5020, limit == .depth ? "result-too-deep" : "result-too-large")
        bench.upstreams.answer { _ in .exceeded(ResponseExcess(limit, "above a limit")) }
        for number in 0..<6 {
            check(await client.call("look", ["n": .integer(Int64(number))]), expected)
        }
        #expect(bench.upstreams.sent.count == 6)
        #expect(bench.ledger.drafts(of: .breakerOpened).isEmpty)
    }

    @Test func `an approval outlives an open breaker`() async throws {
        let bench = try Bench(breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .failed(.notExecuted, reason: "down") }
        for number in 0..<5 { _ = await client.call("look", ["n": .integer(Int64(number))]) }
        let granted = try await bench.grant("note", ["text": "x"], to: client, by: "ines")
        check(await client.call("note", ["text": "x"]), .refused(5020, "breaker-open"))
        #expect(bench.approvals[granted]?.state == .approved)
    }

    @Test func `what was held before a restart is held after it`() async throws {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        for _ in 0..<11 { _ = await client.call("look") }
        let run = try #require(bench.gateway.breakers.held.first)
        var logged = LoggedHolds()
        logged.hold(run.run, run.agent, .pause, "same-call", until: nil)
        // A detector's record that the log has after the pause, or with the same time.
        logged.hold(
            run.run, run.agent, .throttle, "detector.denials", until: bench.clock.now.wall)
        logged.end(run.run, byTime: true)
        logged.open(
            try #require(ServerName("desk")), nil, until: bench.clock.now.wall + .seconds(20))
        let later = CircuitBreakerService()
        logged.restore(to: later, at: bench.clock.now)
        #expect(later.isPaused(run.run))
        #expect(later.status.count == 1)
        logged.end(run.run)
        let last = CircuitBreakerService()
        logged.restore(to: last, at: bench.clock.now)
        #expect(!last.isPaused(run.run))
    }

    @Test func `a breaker whose opening has ended is half-open after a restart too`() throws {
        let clock = FakeClock()
        let server = try #require(ServerName("desk"))
        var logged = LoggedHolds()
        logged.open(server, nil, until: clock.now.wall + .seconds(20))
        func restored() -> CircuitBreakerService {
            let service = CircuitBreakerService()
            logged.restore(to: service, at: clock.now)
            return service
        }
        var isOpen = false
        if case .open = restored().status.first?.state { isOpen = true }
        #expect(isOpen)
        clock.advance(.seconds(21))
        #expect(restored().status.map(\.state) == [.halfOpen])
        // Also if a person let calls try before it had ended, and after a snapshot.
        logged.open(server, nil, until: clock.now.wall + .seconds(20))
        logged.halfOpen(server, nil)
        #expect(restored().status.map(\.state) == [.halfOpen])
        var read = LoggedHolds()
        for item in logged.items {
            let isRead = read.take(item)
            #expect(isRead)
        }
        logged = read
        #expect(restored().status.map(\.state) == [.halfOpen])
        logged.close(server, nil)
        #expect(restored().status.isEmpty)
    }

    @Test func `a person lets a run go on: its owner or one with the role, by an order of now`()
        async throws
    {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        for _ in 0..<11 { _ = await client.call("look") }
        let run = try #require(bench.gateway.breakers.held.first).run
        let service = RunControlService(
            gateway: bench.gateway, people: bench.people, verifier: bench.verifier,
            hashing: OpenSSLHashing())
        func order(_ action: RunOrder.Action, by name: String) throws -> Envelope {
            try People.all.order(
                action, of: run, by: name, number: bench.orderNumber(), at: bench.clock.now.wall)
        }
        await #expect(throws: RunRefusal.order(.missingRole(.resume))) {
            _ = try await service.take(try order(.unpause, by: "paul"))
        }
        await #expect(throws: RunRefusal.alreadyPaused) {
            _ = try await service.take(try order(.pause, by: "kim"))
        }
        _ = try await service.take(try order(.unpause, by: "kim"))
        check(await client.call("look"), .text("done"))
        await #expect(throws: RunRefusal.notPaused) {
            _ = try await service.take(try order(.unpause, by: "kim"))
        }
    }
}
