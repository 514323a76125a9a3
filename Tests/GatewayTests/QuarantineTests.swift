import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct `Servers that are shut off` {
    private let by = PlainPseudonyms().pseudonym(of: People.all["li"].person)
    private let store = MemoryQuarantines()
    private let trial = CountedTrial()

    private func service(_ bench: Bench) -> QuarantineService {
        QuarantineService(
            gateway: bench.gateway, store: store, trial: trial, retryAfter: .milliseconds(20))
    }

    @Test func `nothing of it is offered, and what waits is not sent`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        let call = client.begin("note")
        let id = try await bench.request().id
        try await service(bench).quarantine(server, reason: "a rehearsal", by: by)
        try await bench.vote(on: id, by: "ines")
        check(await call.answer(), .refused(4030, "quarantined"))
        #expect(await client.tools() == [] && bench.upstreams.sent.isEmpty)
        await bench.check(.error(-32602)) { await client.call("look") }
        let record = try #require(bench.ledger.drafts(of: .serverQuarantined).first)
        #expect(record.fields["code"] == "operator" && record.fields["by"] == .string(by.text))
        #expect(record.payloads.map(\.field) == ["note"])
        try await service(bench).release(server, reason: "rehearsal is over", by: by)
        check(await client.call("look"), .text("done"))
        #expect(store.kept.isEmpty)
    }

    @Test
    func `shutting off acts also when it cannot be kept, and outlives the process when it is`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        store.set(broken: true)
        await #expect(throws: QuarantineRefusal.notKept("disk")) {
            try await service(bench).quarantine(server, reason: "a rehearsal", by: by)
        }
        #expect(await client.tools() == [])
        store.set(broken: false)
        try await service(bench).quarantine(server, reason: "a rehearsal", by: by)
        let next = try Bench()
        try await service(next).restore()
        #expect(await (try Client.open(next)).tools() == [])
        #expect(next.gateway.pins.shutOff(of: server) == .person("a rehearsal"))
    }

    @Test func `a release is refused while anything differs, and when it cannot be recorded`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        let service = service(bench)
        #expect(await client.tools() != [])
        await #expect(throws: QuarantineRefusal.notQuarantined(server)) {
            try await service.release(server, reason: "rehearsal is over", by: by)
        }
        try await service.quarantine(server, reason: "a rehearsal", by: by)
        func refused(_ why: Comment) async {
            await #expect(throws: QuarantineRefusal.self, why) {
                try await service.release(server, reason: "rehearsal is over", by: by)
            }
            #expect(await client.tools() == [], why)
        }
        let changed = Bench.tools.map {
            $0["name"] == "look" ? Bench.tool("look", description: "other") : $0
        }
        bench.upstreams.set(.ready(generation: 2, tools: changed), of: "desk")
        await refused("a tool differs")
        bench.upstreams.set(.unavailable("away"), of: "desk")
        await refused("it cannot be compared")
        bench.upstreams.set(.ready(generation: 3, tools: Bench.tools), of: "desk")
        bench.ledger.refuse(.serverReleased, kept: false)
        await refused("it cannot be recorded")
        bench.ledger.accept()
        store.set(broken: true)
        await refused("it cannot be remembered")
        store.set(broken: false)
        try await service.release(server, reason: "rehearsal is over", by: by)
        #expect(await client.tools() != [])
        #expect(bench.alarmed.filter { $0 == "pin.drift" }.count == 1)
    }

    @Test(arguments: [false, true])
    func `a release that cannot be kept is taken back in the log`(isKeptAnyway: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        let service = service(bench)
        #expect(await client.tools() != [])
        try await service.quarantine(server, reason: "a rehearsal", by: by)
        if isKeptAnyway { store.removeBeforeFailing() }
        store.set(broken: true)
        await #expect(throws: QuarantineRefusal.notKept("disk")) {
            try await service.release(server, reason: "rehearsal is over", by: by)
        }
        #expect(await client.tools() == [])
        let told = bench.types.filter { [.serverQuarantined, .serverReleased].contains($0) }
        #expect(told == [.serverQuarantined, .serverReleased, .serverQuarantined])
        let again = try #require(bench.ledger.drafts(of: .serverQuarantined).last)
        #expect(again.fields["code"] == "release.unkept" && again.fields["by"] == .string(by.text))
        // The store catches up with the log, so that the next start finds the last recorded state.
        store.set(broken: false)
        _ = await eventually { !store.kept.isEmpty }
        #expect(store.kept[server] != nil)
        try await service.release(server, reason: "rehearsal is over", by: by)
        #expect(await client.tools() != [])
        let last = bench.types.last { [.serverQuarantined, .serverReleased].contains($0) }
        #expect(last == .serverReleased)
    }

    @Test func `an unknown server and a reason that says nothing are refused`() async throws {
        let bench = try Bench()
        let other = try #require(ServerName("other"))
        let server = try #require(ServerName("desk"))
        await #expect(throws: QuarantineRefusal.unknown(other)) {
            try await service(bench).quarantine(other, reason: "a rehearsal", by: by)
        }
        await #expect(throws: QuarantineRefusal.reason) {
            try await service(bench).quarantine(server, reason: "why", by: by)
        }
        #expect(bench.gateway.pins.shutOff(of: server) == nil)
    }

    @Test
    func
        `a server that broke the protocol stays shut off until it is released, also when begun anew`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        let service = service(bench)
        #expect(await client.tools() != [])
        service.brokeProtocol(server, code: "upstream.lines", reason: "3 lines are no JSON")
        #expect(await client.tools() == [])
        let cause = ShutOff.conduct(code: "upstream.lines", "3 lines are no JSON")
        #expect(bench.gateway.pins.shutOff(of: server) == cause)
        #expect(
            bench.ledger.drafts(of: .serverQuarantined).map { $0.fields["code"] } == [
                "upstream.lines"
            ])
        _ = await eventually { !store.kept.isEmpty }
        let next = try Bench()
        try await self.service(next).restore()
        #expect(next.gateway.pins.shutOff(of: server) == cause)
        bench.upstreams.set(.unavailable("it printed something else"), of: "desk")
        await #expect(throws: QuarantineRefusal.self) {
            try await service.release(server, reason: "mended by hand", by: by)
        }
        #expect(trial.servers == [server] && bench.gateway.pins.shutOff(of: server) == cause)
        bench.upstreams.set(.ready(generation: 9, tools: Bench.tools), of: "desk")
        try await service.release(server, reason: "mended by hand", by: by)
        #expect(await client.tools() != [])
        #expect(store.kept.isEmpty && trial.servers == [server, server])
    }

    @Test func `a person's order stands over the protocol's`() async throws {
        let bench = try Bench()
        let server = try #require(ServerName("desk"))
        let service = service(bench)
        try await service.quarantine(server, reason: "a rehearsal", by: by)
        service.brokeProtocol(server, code: "upstream.exits", reason: "it ended 5 times")
        #expect(bench.gateway.pins.shutOff(of: server) == .person("a rehearsal"))
    }

    @Test(arguments: [false, true])
    func `a release does not end what came while it was made`(byPerson: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let server = try #require(ServerName("desk"))
        let service = service(bench)
        #expect(await client.tools() != [])
        if byPerson {
            try await service.quarantine(server, reason: "a rehearsal", by: by)
        } else {
            service.brokeProtocol(server, code: "upstream.lines", reason: "3 lines are no JSON")
        }
        store.whileRemoving {
            service.brokeProtocol(server, code: "upstream.lines", reason: "3 lines are no JSON")
        }
        await #expect(throws: QuarantineRefusal.self) {
            try await service.release(server, reason: "mended by hand", by: by)
        }
        let cause = ShutOff.conduct(code: "upstream.lines", "3 lines are no JSON")
        #expect(bench.gateway.pins.shutOff(of: server) == cause)
        #expect(await client.tools() == [])
        let releases = bench.ledger.drafts(of: .serverReleased).count
        #expect(bench.ledger.drafts(of: .serverQuarantined).count == 3 && releases == 1)
        try await kept()
        try await service.release(server, reason: "mended by hand", by: by)
        #expect(await client.tools() != [] && store.kept.isEmpty)
    }

    @Test
    func `a protocol quarantine that cannot be kept raises an alarm and is tried until it is`()
        async throws
    {
        let bench = try Bench()
        let server = try #require(ServerName("desk"))
        let service = QuarantineService(
            gateway: bench.gateway, store: store, trial: trial, retryAfter: .milliseconds(2))
        store.set(broken: true)
        service.brokeProtocol(server, code: "upstream.lines", reason: "3 lines are no JSON")
        func alarms() -> Int {
            bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == "quarantine.unkept" }
        }
        _ = await eventually { alarms() != 0 }
        try await Task.sleep(for: .milliseconds(20))
        store.set(broken: false)
        try await kept()
        #expect(alarms() == 1)
        let next = try Bench()
        try await self.service(next).restore()
        #expect(next.gateway.pins.shutOff(of: server) != nil)
    }

    private func kept() async throws {
        _ = await eventually { !store.kept.isEmpty }
        #expect(!store.kept.isEmpty)
    }
}
