import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The authority of the lock's signers (docs/specs/mcp.md, section 11, and decision 0016): `ines` and `paul` own the
/// policy, `eve` has the role `security`, `li` has neither.
@Suite struct `Signing the lock` {
    private static let look = Bench.tools.filter { $0["name"]?.string == "look" }

    /// - Parameter names: the signers of the lock; with none, it is unsigned.
    private static func lock(
        _ tools: [JSONValue] = Bench.tools, signedBy names: [String] = []
    ) throws -> PolicyLock {
        var lock = try BenchLock.lock(tools)
        for name in names {
            let envelope = try People.all[name].key.envelope(.lock, lock.statement)
            let signature = try #require(envelope.signatures.first)
            lock = try lock.adding(
                LockSignature(key: try #require(signature.key), bytes: signature.bytes),
                hashing: OpenSSLHashing())
        }
        return lock
    }

    /// A lock whose signatures were made for other content.
    private static func spoilt() throws -> PolicyLock {
        try PolicyLock(
            servers: try lock(look).servers, signatures: try lock(signedBy: ["eve"]).signatures,
            hashing: OpenSSLHashing())
    }

    private static func found(
        _ lock: PolicyLock?, signedBy names: [String]? = nil, _ changes: [(String, String)] = []
    ) throws -> RevisionOnDisk {
        try Shelf.found(changes, signedBy: names, lock: lock.map { .read($0) } ?? .absent)
    }

    private static func shelf(
        _ lock: PolicyLock?, signedBy names: [String]? = nil,
        store: MemorySignOffStore = .init(), _ changes: [(String, String)] = []
    ) async throws -> Shelf {
        try await Shelf(store: store, found: try found(lock, signedBy: names, changes))
    }

    private func accepted(_ shelf: Shelf) -> [RecordDraft] {
        shelf.bench.ledger.drafts(of: .pinAccepted)
    }

    @Test func `a founding node takes an unsigned lock, and says so`() async throws {
        let shelf = try await Self.shelf(try Self.lock())
        #expect(shelf.service.lock == .unsigned(.unsigned))
        let record = try #require(accepted(shelf).first)
        #expect(record.fields["srv"] == "desk" && record.fields["st"] == "new")
        #expect(record.fields["by"] == nil, "nobody vouches for it")
        for names in [["li"], ["mallory"]] {
            let lock = try Self.lock(signedBy: names)
            let people = names == ["li"] ? [People.all["li"].person] : []
            #expect(
                try await Self.shelf(lock).service.lock == .unsigned(.notEntitled(people)),
                "\(names)")
        }
    }

    @Test(arguments: ["eve", "ines"])
    func `an owner of the policy or the role security signs`(name: String) async throws {
        let shelf = try await Self.shelf(try Self.lock(signedBy: ["li", name]))
        #expect(shelf.service.lock == .signed([People.all[name].person]))
        let record = try #require(accepted(shelf).first)
        #expect(record.fields["by"] == [.string(People.all[name].pseudonym.text)])
        #expect(record.payloads.map(\.field) == ["diff"])
    }

    @Test func `what is no signed lock does not replace one that is`() async throws {
        let shelf = try await Self.shelf(try Self.lock(signedBy: ["eve"]))
        let old = shelf.digest
        let bad: [(RevisionOnDisk, String)] = [
            (try Self.found(try Self.lock(Self.look)), "lock"),
            (try Self.found(try Self.lock(Self.look, signedBy: ["li"])), "lock"),
            (try Self.found(try Self.lock(Self.look, signedBy: ["mallory"])), "lock"),
            (try Self.found(try Self.spoilt()), "lock"),
            (try Self.found(nil), "lock_is_gone"),
            (
                RevisionOnDisk(
                    key: old, revision: .failure(.lock(.unusable(nil))), bundle: []), "lock"
            ),
        ]
        for (found, code) in bad {
            shelf.source.put(found)
            let alarms = shelf.bench.ledger.drafts(of: .alarmRaised).count
            #expect(await shelf.service.reload(.signal)?.refusal?.code == code)
            #expect(shelf.digest == old)
            #expect(shelf.bench.ledger.drafts(of: .alarmRaised).count == alarms + 1)
        }
        shelf.source.put(try Self.found(try Self.lock(Self.look, signedBy: ["paul"])))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(shelf.digest != old)
        #expect(accepted(shelf).map { $0.fields["st"] } == ["new", "changed"])
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(accepted(shelf).count == 2, "once more is nothing new")
    }

    @Test func `a signature that is not of the content binds nowhere, founding or not`()
        async throws
    {
        let shelf = try await Self.shelf(try Self.spoilt())
        let server = try #require(ServerName("desk"))
        let key = People.all["eve"].key.publicKey
        #expect(shelf.service.lock == .refused(.badSignature(key)))
        #expect(
            shelf.bench.gateway.policy.snapshot.lockRefusal(of: server)
                == .lock(.badSignature(key)))
        let client = try await Client.open(shelf.bench)
        #expect(await client.tools() == [])
        await shelf.bench.check(.error(-32602)) { await client.call("look") }
        #expect(accepted(shelf).isEmpty)
    }

    @Test func `a start that finds its signed lock spoilt offers no server until it is back`()
        async throws
    {
        let store = MemorySignOffStore()
        let lock = try Self.lock(signedBy: ["eve"])
        _ = try await Self.shelf(lock, store: store)
        let kept = store.lock
        for (bad, problem) in [
            (try Self.lock(), LockProblem.unsigned), (nil, .gone),
            (try Self.spoilt(), .badSignature(People.all["eve"].key.publicKey)),
        ] {
            let shelf = try await Self.shelf(bad, store: store)
            #expect(shelf.service.lock == .refused(problem))
            #expect(shelf.bench.policy.lockProblem == problem)
            #expect(store.lock == kept, "what is remembered stays")
            shelf.source.put(try Self.found(nil))
            #expect(await shelf.service.reload(.signal)?.refusal?.code == "lock_is_gone")
            shelf.source.put(try Self.found(lock))
            #expect(await shelf.service.reload(.signal)?.isLoaded == true)
            #expect(shelf.service.lock == .signed([People.all["eve"].person]))
            #expect(shelf.bench.policy.lockProblem == nil)
        }
    }

    @Test func `the first sign-off of the policy needs a signed lock`() async throws {
        let store = MemorySignOffStore()
        let shelf = try await Self.shelf(try Self.lock(), store: store)
        shelf.source.put(try Self.found(try Self.lock(), signedBy: ["eve", "paul"]))
        #expect(await shelf.service.reload(.signal)?.refusal == .lock(.unsigned))
        #expect(shelf.service.status == .founding)
        let lock = try Self.lock(signedBy: ["ines"])
        shelf.source.put(try Self.found(lock, signedBy: ["eve", "paul"]))
        #expect(await shelf.service.reload(.signal)?.isLoaded == true)
        #expect(!shelf.service.status.isFounding)
        // The same policy with an invalid lock starts without servers; another policy does not start.
        let spoilt = try await Self.shelf(try Self.lock(), store: store)
        #expect(spoilt.service.lock == .refused(.unsigned))
        #expect(!spoilt.service.status.isFounding)
        await #expect(throws: RevisionRefusal.signOff(.otherRevision("digest"))) {
            _ = try await Self.shelf(
                try Self.lock(), store: store, `Reloading the policy`.narrower)
        }
        let again = try await Self.shelf(lock, store: store)
        #expect(again.service.lock == .signed([People.all["ines"].person]))
    }

    @Test func `keys that do not count are not counted, and a lock in force outlives them`() throws
    {
        let lock = try Self.lock(signedBy: ["eve"])
        let now = FakeClock().now.wall
        let eve = People.all["eve"]
        func problem(_ expires: Timestamp?, _ revoked: Timestamp?) throws -> LockProblem? {
            let trust = try AuthorizedKeys(
                org: "acme",
                people: [
                    TrustedPerson(
                        person: eve.person, pseudonym: eve.pseudonym, roles: [.security],
                        keys: [
                            EnrolledKey(
                                key: eve.key.publicKey, added: now, founding: true,
                                expires: expires, revoked: revoked)
                        ])
                ], nodes: [])
            let judge = LockVerifier(trust: trust, verifier: OpenSSLVerifier())
            do throws(LockProblem) {
                _ = try judge.signers(of: lock, owners: [], at: now)
                return nil
            } catch {
                return error
            }
        }
        #expect(try problem(nil, nil) == nil)
        #expect(try problem(now, nil) == .notEntitled([eve.person]))
        #expect(try problem(nil, now) == .notEntitled([eve.person]))
    }

    @Test func `a lock that was in force is not judged again when its signer's key has ended`()
        async throws
    {
        let store = MemorySignOffStore()
        let lock = try Self.lock(signedBy: ["li"])
        try await store.accept(
            lock: AcceptedLock(digest: lock.digest, isSigned: true).json)
        #expect(try await Self.shelf(lock, store: store).service.lock == .signed([]))
        #expect(
            try await Self.shelf(try Self.lock(Self.look, signedBy: ["li"]), store: store).service
                .lock == .refused(.notEntitled([People.all["li"].person])))
    }

    @Test func `a store that cannot remember the lock keeps the old one`() async throws {
        let shelf = try await Self.shelf(try Self.lock(signedBy: ["eve"]))
        let old = shelf.digest
        shelf.store.fail()
        shelf.source.put(try Self.found(try Self.lock(Self.look, signedBy: ["eve"])))
        #expect(await shelf.service.reload(.signal)?.refusal?.code == "not_recorded")
        #expect(shelf.digest == old)
    }
}
