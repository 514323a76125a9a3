import Glibc
import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A halt in every phase of a call (docs/specs/kill-switch.md, section 4).
@Suite struct `Halts` {
    static let targets: [(HaltTarget, Expected)] = {
        guard let clerk = AgentName("clerk"), let desk = ServerName("desk"),
            let look = ToolName("look")
        else { return [] }
        return [
            (.org, .error(4230)), (.agent(clerk), .error(4230)),
            (.owner(People.all["li"].pseudonym), .error(4230)),
            (.run(NameAuthenticator.run(of: "clerk")), .error(4230)),
            (.server(desk), .refused(4230, "halted")),
            (.tool(ToolAddress(server: desk, tool: look)), .refused(4230, "halted")),
        ]
    }()

    @Test(arguments: 0..<6)
    func `before the call: refused, recorded, not sent`(index: Int) async throws {
        let (target, answer) = Self.targets[index]
        let bench = try Bench()
        let client = try await Client.open(bench)
        let report = try await bench.halt(target)
        #expect(report.isConfirmed && report.cut == 0)
        var exchange: FakeExchange?
        await bench.check(answer, records: [.callDenied]) {
            let answer = await client.call("look")
            exchange = answer
            return answer
        }
        #expect(exchange?.now.response?.status == 200)
        let data =
            exchange?.message?["error"]?["data"]
            ?? exchange?.message?["result"]?["_meta"]?["interlock/decision"]
        #expect(data?["reason"] == "halted")
        #expect(data?["ruleId"] == .string(report.order.id.text))
        #expect(data?["retryAfterMs"] == 60_000)
        let body = String(decoding: exchange?.now.response?.body ?? [], as: UTF8.self)
        #expect(!body.contains("a test stops this"), "the reason is not for the agent")
        let record = bench.ledger.drafts.last
        #expect(record?.fields["code"] == "kill.halted")
        #expect(record?.fields["rule"] == .string(report.order.id.text))
    }

    @Test func `children that serve what is halted are ended, idle ones too`() async throws {
        let desk = try #require(ServerName("desk"))
        let other = try #require(ServerName("other"))
        let clerk = try #require(AgentName("clerk"))
        let reader = try #require(AgentName("reader"))
        let all: [(ServerName, AgentName?)] = [
            (desk, clerk), (desk, reader), (desk, nil), (other, clerk), (other, nil),
        ]
        for (target, ended) in [
            (HaltTarget.agent(clerk), ["desk clerk", "other clerk"]),
            (.server(desk), ["desk clerk", "desk reader", "desk -"]),
            (.org, ["desk clerk", "desk reader", "desk -", "other clerk", "other -"]),
            (.run(NameAuthenticator.run(of: "clerk")), []),
        ] {
            let bench = try Bench()
            bench.upstreams.run(all)
            try await bench.halt(target)
            #expect(bench.upstreams.ended == ended, "\(target)")
        }
    }

    @Test func `others go on`() async throws {
        let bench = try Bench()
        let reader = try await Client.open(bench, as: "reader")
        let second = try await Client.open(bench, as: "clerk#2")
        try await bench.halt(.run(NameAuthenticator.run(of: "clerk")))
        await bench.check(.text("done"), sent: 1) { await second.call("look") }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        await bench.check(.error(4230)) { await second.call("look") }
        await bench.check(.text("done"), sent: 1) { await reader.call("look") }
    }

    @Test func `waiting for people: void, refused, both recorded`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        check(await call.answer(), .refused(4230, "halted"))
        // The caller is refused at once; the request ends afterwards.
        #expect(await until { bench.approvals[id]?.state == .void })
        #expect(bench.approvals[id]?.cause == .halted)
        #expect(bench.ledger.drafts(of: .approvalVoid).count == 1)
        #expect(bench.ledger.drafts(of: .callDenied).last?.fields["code"] == "kill.halted")
        #expect(bench.store[id]?.state == "void")
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `granted and not used: void, and a release does not bring it back`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let id = try await bench.grant("note", [:], to: client, by: "ines")
        let report = try await bench.halt(.server(try #require(ServerName("desk"))))
        #expect(await until { bench.approvals[id]?.state == .void })
        try await bench.release(report.order.id)
        let call = client.begin("note")
        let again = try await bench.request()
        #expect(again.id != id)
        try await bench.vote(.deny, on: again.id, by: "rui")
        check(await call.answer(), .refused(4031, "denied"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `while the request is being written: the call ends, nothing waits`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.approvalRequested, at: gate)
        let call = client.begin("note")
        _ = await until { gate.arrived == 1 }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        gate.open()
        #expect(await until { Expected(call.exchange) != nil && call.exchange.now.isAnswered })
        call.exchange.close()
        check(await call.answer(), .refused(4230, "halted"))
        #expect(bench.approvals.pendingCount == 0)
    }

    @Test func `between the grant and the use: refused, the grant is not sent`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        let call = client.begin("note")
        let id = try await bench.request().id
        _ = await until { bench.waiting == 1 }
        bench.ledger.hold(.approvalUsed, at: gate)
        try await bench.vote(on: id, by: "ines")
        _ = await until { gate.arrived == 1 }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        gate.open()
        check(await call.answer(), .refused(4230, "halted"))
        #expect(bench.upstreams.sent.isEmpty)
        let denied = bench.ledger.drafts(of: .callDenied).last
        #expect(denied?.fields["intent"] != nil)
        #expect(denied?.fields["code"] == "kill.halted")
    }

    @Test func `in flight: cancelled, unknown, counted in the report`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer(after: Gate())
        let call = client.begin("look")
        _ = await until { bench.gateway.inFlight.count == 1 && bench.upstreams.sent.count == 1 }
        let report = try await bench.halt(.org)
        #expect(report.cut == 1)
        #expect(report.left.isEmpty && report.missed == 0)
        #expect(report.points[0].unknown == 1 && report.manual.count == 1)
        #expect(!report.isConfirmed, "what is not known is not confirmed")
        check(await call.answer(), .refused(4230, "halted"))
        let record = bench.ledger.drafts(of: .callUnknown).last
        #expect(record?.fields["why"] == "killed")
        let effective = try #require(bench.ledger.drafts(of: .killEffective).last)
        #expect(effective.fields["cut"] == 1)
        #expect(effective.fields["left"] == 0)
        #expect(effective.fields["missed"] == 0)
        #expect(bench.ledger.drafts(of: .killRequested).last?.fields["scope"] == "org")
    }

    @Test func `an upstream that does not let go is named, and nothing is confirmed`() async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.upstreams.answer { _ in
            await gate.pass()
            return .done
        }
        let call = client.begin("look")
        _ = await until { bench.upstreams.sent.count == 1 }
        let report = try await bench.halt(.org, patience: .zero)
        #expect(report.left == [try #require(bench.upstreams.calls.first).call])
        #expect(!report.isConfirmed)
        #expect(bench.ledger.drafts(of: .killEffective).last?.fields["missed"] == 1)
        gate.open()
        check(await call.answer(), .refused(4230, "halted"))
        let outcome = bench.ledger.drafts(of: .callOutcome).last
        #expect(outcome?.fields["st"] == "withheld")
    }

    @Test func `after the answer and before it leaves: withheld`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.callOutcome, at: gate)
        let call = client.begin("look")
        _ = await until { gate.arrived == 1 }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        gate.open()
        check(await call.answer(), .refused(4230, "halted"))
    }

    @Test func `an order that is not kept stands, and says so`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.orders.isBroken = true
        let report = try await bench.halt(.org)
        #expect(!report.isDurable && !report.isConfirmed)
        check(await client.call("look"), .error(4230))
        let number = bench.orderNumber()
        let epoch = bench.kill.epoch
        let halt = report.order.id
        _ = try await bench.kill.propose(
            try People.all.release([halt], after: epoch, by: "kim", number: number))
        await #expect(throws: OrderRefusal.notRecorded("state/kill")) {
            _ = try await bench.kill.confirm(
                People.order(number),
                try People.all.release([halt], after: epoch, by: "joe", number: number))
        }
        check(await client.call("look"), .error(4230), "what cannot be kept is not released")
    }

    @Test func `the same order twice is one halt`() async throws {
        let bench = try Bench()
        let envelope = try People.all.halt(.org, number: 1, at: bench.clock.now.wall)
        _ = try await bench.kill.halt(envelope, source: "cli")
        let epoch = bench.kill.epoch
        _ = try await bench.kill.halt(envelope, source: "cli")
        #expect(bench.kill.epoch == epoch)
        #expect(bench.ledger.drafts(of: .killRequested).count == 1)
    }

    @Test func `orders of people without the role, strangers and forgers are refused`() async throws
    {
        let bench = try Bench()
        let at = bench.clock.now.wall
        let good = try People.all.halt(.org, number: 1, at: at)
        let forged = Envelope(
            payloadType: .halt, payload: good.payload,
            signatures: good.signatures.map { $0.with([UInt8](repeating: 1, count: 64)) })
        let orders: [(Envelope, OrderRefusal)] = [
            (try People.all.halt(.org, by: "ines", number: 2, at: at), .missingRole(.kill)),
            (try People.all.halt(.org, by: "mallory", number: 3, at: at), .unknownKey),
            (forged, .badSignature),
        ]
        let client = try await Client.open(bench)
        for (envelope, refusal) in orders {
            await #expect(throws: refusal) {
                try await bench.kill.halt(envelope, source: "cli")
            }
        }
        #expect(bench.ledger.drafts(of: .killRefused).count == 3)
        #expect(bench.ledger.drafts(of: .alarmRaised).count == 3)
        check(await client.call("look"), .text("done"))
    }
}

/// Releasing a halt takes two people, and is recorded before it takes effect (docs/specs/kill-switch.md, section 8).
@Suite struct `Releases` {
    @Test func `one person is not enough, two are`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let halt = try await bench.halt(.org).order.id
        let epoch = bench.kill.epoch
        let first = try People.all.release([halt], after: epoch, by: "kim", number: 50)
        #expect(try await bench.kill.propose(first) == .waiting(have: 1, need: 2))
        check(await client.call("look"), .error(4230))
        _ = try? await bench.kill.confirm(People.order(50), first)
        check(await client.call("look"), .error(4230), "one person twice is one person")
        await #expect(throws: OrderRefusal.unknownKey) {
            try await bench.kill.confirm(
                People.order(50), try People.all.foreign(first, by: "mallory"))
        }
        let second = try People.all.release([halt], after: epoch, by: "joe", number: 50)
        let types = bench.types.count
        guard case .ready(let both) = try await bench.kill.confirm(People.order(50), second) else {
            Issue.record("two people are enough")
            return
        }
        // So does a sweep that found it ready while it was being recorded.
        _ = try await bench.kill.settle(.ready(both), .again(bench.gateway.clock.wall))
        #expect(bench.types.dropFirst(types) == [.killReleased])
        check(await client.call("look"), .text("done"))
    }

    @Test(arguments: [false, true])
    func `a release that cannot be recorded does not act`(kept: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let halt = try await bench.halt(.org).order.id
        bench.ledger.refuse(.killReleased, kept: kept)
        await #expect(throws: OrderRefusal.notRecorded("audit.full")) {
            try await bench.release(halt)
        }
        check(await client.call("look"), .error(4230))
        bench.ledger.accept()
        try await bench.release(halt)
        check(await client.call("look"), .text("done"))
    }

    @Test func `a halt that came since must be seen first`() async throws {
        let bench = try Bench()
        let halt = try await bench.halt(.org).order.id
        let epoch = bench.kill.epoch
        _ = try await bench.kill.propose(
            try People.all.release([halt], after: epoch, by: "kim", number: 50))
        try await bench.halt(.agent(try #require(AgentName("clerk"))), by: "joe")
        await #expect(throws: OrderRefusal.staleEpoch) {
            try await bench.kill.confirm(
                People.order(50),
                try People.all.release([halt], after: epoch, by: "joe", number: 50))
        }
        #expect(bench.gateway.halts.halts.active.count == 2)
    }

    @Test func `a release ends the runs of whom it was about; a server's nobody's`() async throws {
        let bench = try Bench()
        _ = await (try await Client.open(bench)).call("look")
        let run = NameAuthenticator.run(of: "clerk")
        for (target, ended) in [
            (HaltTarget.server(try #require(ServerName("desk"))), []),
            (.agent(try #require(AgentName("another"))), []),
            (.agent(try #require(AgentName("clerk"))), [run]),
        ] {
            let report = try await bench.halt(target)
            #expect(bench.authenticator.revokedRuns.isEmpty, "it is answered that it is halted")
            try await bench.release(report.order.id)
            #expect(bench.authenticator.revokedRuns == ended)
        }
    }

    @Test func `a halt does not wait for a release that is being written, and outlives it`()
        async throws
    {
        let bench = try Bench()
        let agent = try #require(AgentName("worker"))
        let first = try await bench.halt(.agent(agent))
        let started = Mutexed(false)
        bench.orders.whileReleasing { _ in
            Task { _ = try? await bench.halt(.org, by: "joe") }
            for _ in 0..<60_000 where bench.gateway.halts.halts.active.count < 2 { usleep(1000) }
            started.value = bench.gateway.halts.halts.active.count == 2
        }
        try await bench.release(first.order.id)
        #expect(started.value, "the halt was in force before the release was on disk")
        #expect(bench.gateway.halts.halts.active.values.map(\.target) == [.org])
        _ = await until { bench.orders.kept.count == 4 }
        // The epoch that names both orders is stored as well.
        #expect(bench.orders.kept.filter { $0 != first.order.id }.count == 3)
    }

    @Test func `the file of a release that is being written is not taken for a new order`()
        async throws
    {
        let bench = try Bench()
        let first = try await bench.halt(.org)
        let found = Mutexed<[FoundOrderFile]?>(nil)
        bench.orders.whileReleasing { envelope in
            bench.orders.found = [.order(file: "release.json", envelope)]
            found.value = bench.kill.look()
        }
        try await bench.release(first.order.id)
        #expect(found.value == [] && bench.kill.look() == [])
    }

    @Test func `a released order that comes again stops nothing`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let envelope = try People.all.halt(.org, number: 1, at: bench.clock.now.wall)
        let report = try await bench.kill.halt(envelope, source: "cli")
        _ = bench.orderNumber()
        try await bench.release(report.order.id)
        _ = try await bench.kill.halt(envelope, source: "cli")
        check(await client.call("look"), .text("done"))
    }

    @Test func `a release waits for one hour`() async throws {
        let bench = try Bench()
        let halt = try await bench.halt(.org).order.id
        let epoch = bench.kill.epoch
        _ = try await bench.kill.propose(
            try People.all.release([halt], after: epoch, by: "kim", number: 50))
        bench.clock.advance(.seconds(3600))
        let second = try People.all.release([halt], after: epoch, by: "joe", number: 50)
        #expect(try await bench.kill.confirm(People.order(50), second) == .expired)
        #expect(bench.gateway.halts.halts.active.count == 1)
    }
}
