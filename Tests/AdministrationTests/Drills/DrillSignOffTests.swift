import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The sign-off of a drill's report, by key or by passkey.
struct DrillSignOffTests {
    private let bench: Bench
    private let passkeys = Passkeys("ines", "kim", "paul")
    private let store = Reports()
    private let service: DrillService
    private let report: DrillReport

    /// `ines` and `paul` hold `security` and `resume`, `kim` has no role; each has a key and a passkey.
    init() throws {
        bench = try Bench()
        let now = bench.clock.now.wall
        let node = People.all["eve"].key
        let people = ["ines", "kim", "paul"].map { name in
            let member = People.all[name]
            return TrustedPerson(
                person: member.person, pseudonym: member.pseudonym,
                roles: name == "kim" ? [] : [.security, .resume],
                keys: [
                    EnrolledKey(
                        key: member.key.publicKey, added: now.wholeSecond, founding: true)
                ])
        }
        let trust = try AuthorizedKeys(org: "acme", people: people, nodes: [])
            .with(passkeys.enrolled(at: now.wholeSecond))
        let digest = OpenSSLHashing().sha256([1])
        report = DrillReport(
            id: People.order(1), variant: .standard, org: "acme", node: "gw1", started: now,
            ended: now, version: "1", policy: digest, classes: [], points: [], intents: 0,
            outcomes: 0, secondHaltChanged: false, oneSignatureReleased: false,
            releaseMilliseconds: 1, faults: [], runBy: "auto", origin: "acme.example/log",
            root: digest, subject: .gateway)
        try store.keep(
            try SignedDrill(
                try node.envelope(.drill, try report.json.canonical()), node: node.publicKey,
                verifier: OpenSSLVerifier()))
        service = DrillService(
            gateway: bench.gateway, stage: NoStage(), store: store,
            people: AuthorizedKeysHolder(PeopleDirectory(trust: trust)),
            verifier: OpenSSLVerifier(), passkeys: passkeys.voting, hashing: OpenSSLHashing(),
            schedule: DrillService.Schedule(
                isAuto: false, at: DrillTime.usual,
                rules: try #require(ZoneRules(offsetText: "UTC"))))
    }

    private func draft(_ name: String) throws -> OrderDraft {
        try service.draft(report.id, by: People.all[name].pseudonym)
    }

    private func refusal(_ body: () async throws -> Void) async -> OrderRefusal? {
        await thrown(body)
    }

    private func signers() throws -> [Person] {
        try service.listed().first?.signers ?? []
    }

    @Test func `a passkey and a key sign the same report off`() async throws {
        let before = try service.listed()
        #expect(before.first?.isSignedOff == false)
        _ = try await service.sign(try Passkeys.signed(try draft("ines"), by: "ines"))
        let after = try service.listed()
        #expect(after.first?.isSignedOff == true)
        #expect(passkeys.counter(of: "ines") == 8)
        let payload = try report.json.canonical()
        _ = try await service.sign(try People.all["paul"].key.envelope(.drill, payload))
        let both = try signers()
        #expect(both == ["ines", "paul"].map { People.all[$0].person })
    }

    @Test func `sent again it changes nothing, and who has signed signs once`() async throws {
        let envelope = try Passkeys.signed(try draft("ines"), by: "ines")
        _ = try await service.sign(envelope)
        _ = try await service.sign(envelope)
        #expect(passkeys.suspended.isEmpty)
        _ = try await service.sign(try Passkeys.signed(try draft("ines"), by: "ines", counter: 9))
        let once = try signers()
        #expect(once == [People.all["ines"].person])
    }

    @Test func `who may not sign gets no draft and is refused`() async throws {
        let missing = await refusal { _ = try draft("kim") }
        #expect(missing == .missingRole(.security))
        let own = try draft("ines")
        let forged = await refusal {
            _ = try await service.sign(try Passkeys.signed(own, by: "kim"))
        }
        #expect(forged == .missingRole(.security))
        let unknown = await refusal {
            _ = try service.draft(People.order(9), by: People.all["ines"].pseudonym)
        }
        #expect(unknown == .unknownHalt(People.order(9)))
        let none = try signers()
        #expect(none.isEmpty)
    }

    @Test func `a report that is not kept, or another challenge, is not signed`() async throws {
        let own = try draft("ines")
        let other = await refusal {
            _ = try await service.sign(try Passkeys.signed(own, by: "ines", payload: [1, 2]))
        }
        #expect(other == .otherKind)
        let changed = OrderDraft(
            .drill, own.payload + [1], credentials: [], hashing: OpenSSLHashing())
        let challenge = await refusal {
            _ = try await service.sign(
                try Passkeys.signed(changed, by: "ines", payload: own.payload))
        }
        #expect(challenge == .badAssertion(.wrongChallenge))
    }

    @Test func `a counter that is not stored signs nothing`() async throws {
        let envelope = try Passkeys.signed(try draft("ines"), by: "ines")
        passkeys.fail()
        let refused = await refusal { _ = try await service.sign(envelope) }
        #expect(refused == .notRecorded("store"))
        let none = try signers()
        #expect(none.isEmpty)
    }

    /// Reports in memory.
    private final class Reports: DrillStore {
        private let kept = Mutex<[OrderID: SignedDrill]>([:])
        func reports() throws(StoreFailure) -> [SignedDrill] { kept.withLock { Array($0.values) } }
        func keep(_ report: SignedDrill) throws(StoreFailure) {
            kept.withLock { $0[report.report.id] = report }
        }
    }

    private struct NoStage: DrillEnvironmentFactory {
        func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill {
            throw StoreFailure(reason: "a test")
        }
        func releaseLeft() async throws(StoreFailure) {}
    }
}
