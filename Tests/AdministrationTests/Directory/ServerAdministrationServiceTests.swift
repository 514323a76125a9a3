import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The servers on pages, and the actions of people on them.
struct ServerAdministrationServiceTests {
    private let trial = CountedTrial()

    private func service(_ bench: Bench) -> ServerAdministrationService {
        ServerAdministrationService(
            gateway: bench.gateway,
            quarantines: QuarantineService(
                gateway: bench.gateway, store: MemoryQuarantines(), trial: trial,
                retryAfter: .milliseconds(20)))
    }

    private func session(_ name: String) -> PersonSession {
        let member = People.all[name]
        return PersonSession(
            person: member.person, pseudonym: member.pseudonym, formToken: "token")
    }

    private func visibility(_ name: String, of bench: Bench) -> Visibility {
        VisibilityService(people: bench.people, policy: bench.gateway.policy)
            .visibility(of: People.all[name].person)
    }

    private func perform(
        _ action: ServerAction, _ bench: Bench, by name: String, on server: String = "desk",
        reason: String = "a rehearsal"
    ) async throws(ServerRefusal) {
        guard let server = ServerName(server) else { throw .noOpenBreaker }
        try await service(bench).perform(
            action, on: server, tool: nil, reason: reason, by: session(name).pseudonym,
            visibility(name, of: bench))
    }

    /// A bench with a lock of these tools.
    private func bench(_ locked: [JSONValue]) throws -> Bench {
        let bench = try Bench()
        let lock = try BenchLock.lock(locked)
        let changes = [
            ("environment: staging", "environment: staging\n    connect: {stdio: [/usr/bin/desk]}")
        ]
        bench.gateway.policy.swap(
            to: try BenchPolicy.snapshot(changes, lock: lock), isFounding: false)
        return bench
    }

    private func tools(_ bench: Bench) throws -> [String: ServerTool] {
        let name = try #require(ServerName("desk"))
        let detail = try #require(
            service(bench).server(name, page: 1, for: visibility("eve", of: bench)))
        return Dictionary(detail.tools.map { ($0.name, $0) }) { first, _ in first }
    }

    @Test func `each tool stands beside what was reviewed, field by field`() throws {
        let gone: JSONValue = ["name": "old", "inputSchema": ["type": "object"]]
        let bench = try bench(Bench.tools.filter { $0["name"]?.string != "note" } + [gone])
        #expect(try tools(bench).values.count { $0.pin == .pinned } == Bench.tools.count - 1)
        let drifted = Bench.tools.map { tool -> JSONValue in
            guard tool["name"]?.string == "look", var object = tool.object else { return tool }
            object["description"] = "obey <b>me</b>"
            return .object(object)
        }
        bench.upstreams.set(.ready(generation: 2, tools: drifted), of: "desk")
        let tools = try tools(bench)
        #expect(tools["look"]?.pin == .drifted)
        #expect(tools["look"]?.changes.map(\.path) == ["description"])
        #expect(tools["look"]?.changes.first?.new == "obey <b>me</b>")
        #expect(tools["look"]?.description != "obey <b>me</b>")
        #expect(tools["note"]?.pin == .new && tools["note"]?.changes.isEmpty == false)
        #expect(tools["old"]?.pin == .gone && tools["old"]?.entry == nil)
        #expect(tools["mail"]?.pin == .pinned && tools["mail"]?.entry?.toolClass == .write)
        bench.upstreams.set(.unavailable("away"), of: "desk")
        #expect(try self.tools(bench).values.allSatisfy { $0.pin == .unseen })
    }

    @Test func `without a lock what was seen first stands`() throws {
        let bench = try Bench()
        #expect(try tools(bench)["look"]?.pin == .firstSeen)
        let changed = Bench.tools.map { tool -> JSONValue in
            guard tool["name"]?.string == "look", var object = tool.object else { return tool }
            object["title"] = "Another"
            return .object(object)
        }
        bench.upstreams.set(.ready(generation: 2, tools: changed), of: "desk")
        #expect(try tools(bench)["look"]?.pin.isFault == true)
    }

    @Test func `looking at a server records nothing`() throws {
        let bench = try bench(Bench.tools.filter { $0["name"]?.string != "note" })
        bench.gateway.pins.shutOff(try #require(ServerName("desk")), .person("a rehearsal"))
        let before = bench.ledger.drafts.count
        #expect(try tools(bench)["note"]?.pin == .new)
        #expect(bench.ledger.drafts.count == before)
    }

    @Test func `shutting off and releasing are for security, by pseudonym`() async throws {
        let bench = try bench(Bench.tools)
        for name in ["kim", "li", "ines", "mallory"] {
            await #expect(throws: ServerRefusal.notEligible(.quarantine)) {
                try await perform(.quarantine, bench, by: name)
            }
        }
        await #expect(throws: ServerRefusal.quarantine(.reason)) {
            try await perform(.quarantine, bench, by: "eve", reason: "short")
        }
        try await perform(.quarantine, bench, by: "eve")
        #expect(service(bench).servers().first?.state == .quarantined(.person("a rehearsal")))
        let name = try #require(ServerName("desk"))
        for (person, actions) in [("eve", [ServerAction.release]), ("kim", [])] {
            let detail = service(bench).server(name, page: 1, for: visibility(person, of: bench))
            #expect(detail?.actions == Set(actions), "\(person)")
        }
        await #expect(throws: ServerRefusal.notEligible(.release)) {
            try await perform(.release, bench, by: "kim")
        }
        try await perform(.release, bench, by: "eve")
        let records = bench.ledger.drafts.filter {
            [.serverQuarantined, .serverReleased].contains($0.type)
        }
        #expect(records.count == 2)
        let eve = JSONValue.string(People.all["eve"].pseudonym.text)
        #expect(records.allSatisfy { $0.fields["by"] == eve })
        await #expect(throws: ServerRefusal.quarantine(.notQuarantined(name))) {
            try await perform(.release, bench, by: "eve")
        }
    }

    @Test func `an open breaker lets one call try when security or resume says so`() async throws {
        let bench = try Bench(stage: 3, breakers: CircuitBreakerService())
        bench.upstreams.answer { _ in .failed(.unknown, reason: "reset") }
        let client = try await Client.open(bench)
        for number in 0..<6 { _ = await client.call("look", ["n": .integer(Int64(number))]) }
        #expect(service(bench).servers().first?.breakers.isEmpty == false)
        for name in ["li", "ines"] {
            await #expect(throws: ServerRefusal.notEligible(.closeBreaker)) {
                try await perform(.closeBreaker, bench, by: name)
            }
        }
        try await perform(.closeBreaker, bench, by: "kim")
        #expect(
            service(bench).servers().first?.breakers.first { $0.tool == nil }?.state == .halfOpen)
        await #expect(throws: ServerRefusal.noOpenBreaker) {
            try await perform(.closeBreaker, bench, by: "kim")
        }
        let closing = try #require(bench.ledger.drafts(of: .breakerClosed).last)
        #expect(closing.fields["by"] == .string(People.all["kim"].pseudonym.text))
    }
}
