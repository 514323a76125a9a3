import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Halts by order files, signals and detectors, and reports that stay open (docs/specs/kill-switch.md, sections 7, 9
/// and 11).
@Suite struct `Signs of a halt` {
    private let file = "state/kill/orders/x.json"

    @Test func `a signed order that lies in the folder is in force`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let order = try People.all.halt(
            .agent(try #require(AgentName("clerk"))), number: 1, at: bench.clock.now.wall)
        await bench.kill.act(on: [.order(file: file, order)])
        check(await client.call("look"), .error(4230))
        #expect(bench.ledger.drafts(of: .killRequested).last?.fields["src"] == "offline")
        #expect(bench.orders.aside.isEmpty)
    }

    @Test func `what cannot be an order stops the node once, and lies aside`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let fault = FoundOrderFile.fault(
            HaltFault(reason: "an order file cannot be read", file: file))
        await bench.kill.act(on: [fault])
        await bench.kill.act(on: [fault])
        check(await client.call("look"), .error(4230))
        #expect(bench.gateway.halts.halts.active.count == 1)
        #expect(bench.gateway.halts.halts.active.values.allSatisfy { $0.local })
        #expect(bench.orders.aside == [file])
        let record = bench.ledger.drafts(of: .killRequested).last
        #expect(record?.fields["src"] == "file" && record?.fields["code"] == "node")
    }

    @Test func `a forged order in the folder stops the node`() async throws {
        let bench = try Bench()
        let good = try People.all.halt(.org, number: 1, at: bench.clock.now.wall)
        let forged = Envelope(
            payloadType: .halt, payload: good.payload,
            signatures: good.signatures.map { $0.with([UInt8](repeating: 1, count: 64)) })
        await bench.kill.act(on: [.order(file: file, forged)])
        #expect(bench.gateway.halts.halts.halt(of: .org)?.local == true)
        #expect(bench.orders.aside == [file])
    }

    @Test func `an order by nobody who may is refused, told of and laid aside`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for name in ["ines", "mallory"] {
            let order = try People.all.halt(
                .org, by: name, number: bench.orderNumber(), at: bench.clock.now.wall)
            await bench.kill.act(on: [.order(file: file, order)])
        }
        check(await client.call("look"), .text("done"))
        #expect(bench.ledger.drafts(of: .killRefused).count == 2)
        #expect(bench.orders.aside == [file, file])
    }

    @Test func `a release needs both signatures there too`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let halt = try await bench.halt(.org).order.id
        let epoch = bench.kill.epoch
        let one = try People.all.release([halt], after: epoch, by: "kim", number: 9)
        await bench.kill.act(on: [.order(file: file, one)])
        check(await client.call("look"), .error(4230))
        #expect(bench.ledger.drafts(of: .killRefused).count == 1)
        let two = try People.all.release([halt], after: epoch, by: "joe", number: 9)
        let both = Envelope(
            payloadType: .release, payload: one.payload,
            signatures: one.signatures + two.signatures)
        await bench.kill.act(on: [.order(file: file, both)])
        check(await client.call("look"), .text("done"))
    }

    @Test func `a signal stops everything, once`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        await bench.kill.stopHere("the signal SIGUSR2 came", source: "signal")
        await bench.kill.stopHere("the signal SIGUSR2 came", source: "signal")
        check(await client.call("look"), .error(4230))
        #expect(bench.ledger.drafts(of: .killRequested).count == 1)
        #expect(bench.ledger.drafts(of: .killRequested).last?.fields["src"] == "signal")
    }

    @Test func `a sign that is seen several times at once is one halt`() async throws {
        let bench = try Bench()
        await withTaskGroup { group in
            for _ in 0..<16 {
                group.addTask {
                    await bench.kill.stopHere("a file of root is there", source: "file")
                }
            }
        }
        #expect(bench.gateway.halts.halts.active.count == 1)
        #expect(bench.ledger.drafts(of: .killRequested).count == 1)
    }

    @Test func `detectors stop agents and runs, nothing else, and many at once wake somebody`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for target in [HaltTarget.org, .server(try #require(ServerName("desk")))] {
            await #expect(throws: OrderRefusal.notForNodes) {
                try await bench.kill.stop(target, byDetector: "a loop of calls")
            }
            await #expect(throws: OrderRefusal.notForNodes) {
                let order = try HaltOrder(
                    id: People.order(9), org: "acme", target: target, reason: "by a node",
                    author: People.all["kim"].pseudonym, at: bench.clock.now.wall, local: false)
                _ = try await bench.kill.halt(
                    try PersonKey.file(People.nodeKey).envelope(.halt, try order.canonical()),
                    source: "cli")
            }
        }
        func alarms() -> Int {
            bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == "kill.detectors" }
        }
        _ = try await bench.kill.stop(
            .agent(try #require(AgentName("clerk"))), byDetector: "a loop of calls")
        check(await client.call("look"), .error(4230))
        let record = bench.ledger.drafts(of: .killRequested).last
        #expect(record?.fields["src"] == "detector" && record?.fields["code"] == "detector")
        for number in 2...5 {
            #expect(alarms() == 0)
            _ = try await bench.kill.stop(
                .agent(try #require(AgentName("other-\(number)"))), byDetector: "a loop of calls")
        }
        #expect(alarms() == 1)
    }

    @Test func `the report names what there is no point for`() async throws {
        let bench = try Bench()
        let report = try await bench.halt(.org)
        #expect(report.state == .halted)
        #expect(report.points.map(\.point) == ["gateway/gw1", "hook", "sandbox", "hosted"])
        #expect(report.points.dropFirst().allSatisfy { $0.state == .notPresent })
        var none = report
        none.points = HaltReport.absent
        #expect(none.state == .notReached && !none.isConfirmed, "no point at all is no success")
        #expect(bench.kill.reports[report.order.id]?.isConfirmed == true)
    }

    @Test func `a child that does not go is left, told of, and ends the report when it has gone`()
        async throws
    {
        let bench = try Bench()
        let ending = EndingChildren()
        let isGone = Atomic(false)
        ending.add { isGone.load(ordering: .relaxed) }
        bench.upstreams.ending = ending
        let report = try await bench.halt(.org, patience: .zero)
        #expect(report.points[0].state == .notConfirmed && report.points[0].left == 1)
        #expect(!report.isConfirmed)
        func alarms() -> Int {
            bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == "kill.left" }
        }
        #expect(alarms() == 1)
        await bench.kill.sweep()
        #expect(alarms() == 1, "not again before ten seconds have passed")
        bench.clock.advance(.seconds(10))
        await bench.kill.sweep()
        #expect(alarms() == 2)
        isGone.store(true, ordering: .relaxed)
        await bench.kill.sweep()
        #expect(bench.kill.reports[report.order.id]?.isConfirmed == true)
        let records = bench.ledger.drafts(of: .killEffective)
        #expect(records.map { $0.fields["left"] } == [1, 0])
        #expect(records.map { $0.fields["missed"] } == [1, 0])
    }

    @Test func `a call that is sent after the answer is a violation`() async throws {
        let bench = try Bench()
        let halt = try await bench.halt(.org)
        #expect(halt.isConfirmed)
        // Only a fault of the gateway itself can lead here.
        let principal = try bench.authenticator.identify(
            bearer: "clerk", now: bench.clock.now.wall)
        let call: CallID = bench.gateway.newID()
        let token = CancelToken()
        bench.gateway.inFlight.enter(
            InFlightTable.Entry(
                call: call, principal: principal,
                owner: bench.gateway.policy.owner(of: principal.agent),
                address: ToolAddress(
                    server: try #require(ServerName("desk")), tool: try #require(ToolName("look"))),
                since: bench.clock.now, cancel: token))
        bench.clock.advance(.seconds(1))
        await bench.kill.sweep()
        await bench.kill.sweep()
        let records = bench.ledger.drafts(of: .killViolation)
        #expect(records.map { $0.fields["call"] } == [.string(call.text)])
        #expect(token.cause == .halt, "and it is cut")
        #expect(bench.kill.reports[halt.order.id]?.violations == [call])
        #expect(bench.kill.reports[halt.order.id]?.isConfirmed == false)
    }

    @Test func `whoever follows a report hears of each change`() async throws {
        let bench = try Bench()
        let ending = EndingChildren()
        let isGone = Atomic(false)
        ending.add { isGone.load(ordering: .relaxed) }
        bench.upstreams.ending = ending
        let report = try await bench.halt(.org, patience: .zero)
        let changes = try #require(bench.kill.reports.follow(report.order.id))
        isGone.store(true, ordering: .relaxed)
        await bench.kill.sweep()
        var states: [HaltReport.State] = []
        for await change in changes {
            states.append(change.state)
            if change.isConfirmed { break }
        }
        #expect(states.last == .halted)
        #expect(bench.kill.reports.follow(People.order(500)) == nil)
    }
}
