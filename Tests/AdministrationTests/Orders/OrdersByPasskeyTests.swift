import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Runs that people pause and let continue, and servers that they quarantine and release, by passkey.
@Suite struct `Orders about runs and servers by passkey` {
    private func asserted(_ draft: OrderDraft, by name: String, counter: UInt8) throws -> Envelope {
        let bare = Envelope(payloadType: draft.payloadType, payload: draft.payload, signatures: [])
        let assertion = try PasskeyAssertion(
            credential: Passkeys.id(of: name), authenticatorData: [counter],
            clientDataJSON: draft.challenge, signature: Array(name.utf8))
        return Envelope(
            payloadType: bare.payloadType, payload: bare.payload, signatures: [.passkey(assertion)])
    }

    private func visibility(_ name: String, of bench: Bench) -> Visibility {
        VisibilityService(people: bench.people, policy: bench.gateway.policy)
            .visibility(of: People.all[name].person)
    }

    private func servers(_ bench: Bench, _ passkeys: Passkeys) -> ServerAdministrationService {
        ServerAdministrationService(
            gateway: bench.gateway,
            quarantines: QuarantineService(
                gateway: bench.gateway, store: MemoryQuarantines(), trial: CountedTrial(),
                retryAfter: .milliseconds(20)),
            people: bench.people, verifier: bench.verifier, passkeys: passkeys.voting,
            hashing: OpenSSLHashing())
    }

    @Test func `a passkey pauses a run and lets it continue, and each order counts once`()
        async throws
    {
        let passkeys = Passkeys("kim", "eve")
        let bench = try Bench(stage: 3, passkeys: passkeys, breakers: CircuitBreakerService())
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        let run = try #require(bench.gateway.runs.all.first).run
        let service = RunControlService(
            gateway: bench.gateway, people: bench.people, verifier: bench.verifier,
            passkeys: passkeys.voting, hashing: OpenSSLHashing())
        func draft(_ action: RunOrder.Action, by name: String = "kim") throws -> OrderDraft {
            try service.draft(
                RunContent(run: run, action: action), because: "a rehearsal",
                by: People.all[name].pseudonym, visibility(name, of: bench))
        }
        #expect(throws: RunRefusal.order(.missingRole(.resume))) {
            _ = try draft(.pause, by: "eve")
        }
        #expect(throws: RunRefusal.noSuchRun) { _ = try draft(.pause, by: "mallory") }
        let pause = try asserted(try draft(.pause), by: "kim", counter: 8)
        _ = try await service.take(pause)
        #expect(bench.gateway.breakers.isPaused(run) && passkeys.counter(of: "kim") == 8)
        let resume = try asserted(try draft(.unpause), by: "kim", counter: 9)
        _ = try await service.take(resume)
        #expect(!bench.gateway.breakers.isPaused(run))
        for again in [pause, resume] {
            await #expect(throws: RunRefusal.staleOrder) { _ = try await service.take(again) }
        }
        #expect(passkeys.suspended == [] && !bench.gateway.breakers.isPaused(run))
        for type in [RecordType.responsePause, .responseEnd] {
            let codes = bench.ledger.drafts(of: type).map { $0.fields["code"] }
            #expect(codes == ["person"])
        }
    }

    @Test func `an order of an earlier process is refused, and a copied passkey is suspended`()
        async throws
    {
        let passkeys = Passkeys("eve")
        let bench = try Bench(passkeys: passkeys)
        let name = try #require(ServerName("desk"))
        let before = try servers(bench, passkeys).draft(
            ServerContent(.quarantine, of: name), because: "a rehearsal",
            by: People.all["eve"].pseudonym)
        bench.clock.advance(.seconds(2))
        let service = servers(bench, passkeys)
        let old = try asserted(before, by: "eve", counter: 8)
        await #expect(throws: ServerRefusal.staleOrder) { _ = try await service.take(old) }
        let now = try service.draft(
            ServerContent(.quarantine, of: name), because: "a rehearsal",
            by: People.all["eve"].pseudonym)
        let copied = try asserted(now, by: "eve", counter: 7)
        await #expect(throws: ServerRefusal.order(.copiedPasskey(Passkeys.id(of: "eve")))) {
            _ = try await service.take(copied)
        }
        #expect(passkeys.suspended == [Passkeys.id(of: "eve")])
        #expect(bench.gateway.pins.shutOff(of: name) == nil)
    }

    @Test func `a passkey quarantines a server also while its counter cannot be stored`()
        async throws
    {
        let passkeys = Passkeys("eve", "kim")
        let bench = try Bench(passkeys: passkeys)
        let service = servers(bench, passkeys)
        let name = try #require(ServerName("desk"))
        func draft(_ action: ServerAction, by person: String = "eve") throws -> OrderDraft {
            try service.draft(
                ServerContent(action, of: name), because: "a rehearsal",
                by: People.all[person].pseudonym)
        }
        #expect(throws: ServerRefusal.order(.missingRole(.security))) {
            _ = try draft(.release, by: "kim")
        }
        passkeys.fail()
        let order = try asserted(try draft(.quarantine), by: "eve", counter: 8)
        _ = try await service.take(order)
        #expect(bench.gateway.pins.shutOff(of: name) == .person("a rehearsal"))
        let record = try #require(bench.ledger.drafts(of: .serverQuarantined).last)
        #expect(record.fields["by"] == .string(People.all["eve"].pseudonym.text))
        let alarms = bench.ledger.drafts(of: .alarmRaised).map { $0.fields["code"] }
        #expect(alarms.contains("passkey.not_counted"))
        let release = try asserted(try draft(.release), by: "eve", counter: 9)
        await #expect(throws: ServerRefusal.order(.notRecorded("store"))) {
            _ = try await service.take(release)
        }
        #expect(bench.gateway.pins.shutOff(of: name) != nil)
    }

    @Test func `an order has a tool only if it closes that tool's breaker`() throws {
        let (desk, other) = (try #require(ServerName("desk")), try #require(ServerName("other")))
        let tool = ToolAddress(server: other, tool: try #require(ToolName("look")))
        for content in [
            ServerContent(.release, of: other, tool: tool),
            ServerContent(.closeBreaker, of: desk, tool: tool),
        ] {
            #expect(throws: FormError.self) { try content.check() }
        }
        let good = try ServerOrder(
            id: People.order(1), org: "acme",
            content: ServerContent(.closeBreaker, of: other, tool: tool),
            reason: "it is back again", author: People.all["eve"].pseudonym,
            at: Timestamp(microseconds: 1_795_000_000_000_000))
        #expect(try ServerOrder(parsing: good.canonical()) == good)
    }
}
