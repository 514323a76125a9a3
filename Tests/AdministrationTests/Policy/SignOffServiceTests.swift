import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A signature under the pending revision is verified first, then written, then the policy is read again.
@Suite struct SignOffServiceTests {
    private struct Office {
        let shelf: Shelf
        let passkeys: Passkeys
        let keeper: FakeSignOffStore
        let service: SignOffService

        /// The policy in force was signed by `ines`, `paul` and `eve`; an unsigned, narrower one is pending by default.
        init(
            _ changes: [(String, String)] = `Reloading the policy`.narrower,
            by author: String = "dana",
            signedBy names: [String]? = nil, needs comparison: RevisionComparison = .narrows
        ) async throws {
            let passkeys = Passkeys("ines", "paul", "kim", "eve", "li")
            shelf = try await Shelf(passkeys: passkeys)
            self.passkeys = passkeys
            shelf.comparison.value = comparison
            keeper = FakeSignOffStore(shelf.source)
            service = SignOffService(
                gateway: shelf.bench.gateway, policies: shelf.service, people: shelf.bench.people,
                verifier: OpenSSLVerifier(), passkeys: passkeys.voting, hashing: OpenSSLHashing(),
                keeper: keeper)
            try await put(try Shelf.found(changes, by: author, signedBy: names))
        }

        /// Puts a new revision on disk and lets the gateway read it.
        func put(_ found: RevisionOnDisk) async throws {
            shelf.source.put(found)
            #expect(await shelf.service.reload(.folder)?.isLoaded == false)
        }

        func visibility(_ name: String, _ roles: Set<Role> = []) -> Visibility {
            Visibility(person: People.all[name].person, roles: roles, own: [])
        }

        var identity: Digest {
            get throws {
                let waiting = try #require(shelf.service.waiting?.candidate)
                return try #require(waiting.identity.whole(OpenSSLHashing()))
            }
        }

        func draft(_ name: String, _ roles: Set<Role> = []) throws -> OrderDraft {
            try service.draft(of: try identity, over: try active, for: visibility(name, roles))
        }

        /// The digest of everything that a signature under the policy in force covers.
        var active: Digest {
            get throws {
                try #require(shelf.service.active.identity.whole(OpenSSLHashing()))
            }
        }

        @discardableResult
        func sign(_ name: String, counter: UInt8 = 8) async throws -> TakenSignOff {
            try await service.take(try Passkeys.signed(try draft(name), by: name, counter: counter))
        }

        var signers: [Person]? { shelf.service.waiting?.candidate.signOff?.signatures.map(\.by) }
    }

    private func person(_ name: String) -> Person { People.all[name].person }

    @Test func `the first signs as its author, another signs it off, and it is in force`()
        async throws
    {
        let office = try await Office()
        let old = office.shelf.digest
        let draft = try office.draft("ines")
        #expect(draft.credentials == [Passkeys.id(of: "ines")])
        #expect(try SignOff(statement: draft.payload).author == person("ines"))
        guard case .waits(let reason) = try await office.sign("ines") else {
            return #expect(Bool(false), "nobody signs off their own work")
        }
        #expect(reason.contains("signed by 0 of 1"))
        #expect(office.signers == [person("ines")])
        #expect(office.passkeys.counter(of: "ines") == 8)
        #expect(office.shelf.digest == old)
        #expect(try await office.sign("paul") == .inForce)
        #expect(office.shelf.digest != old && office.shelf.service.waiting == nil)
        #expect(office.shelf.service.status == .signed([person("paul")]))
        let loaded = try #require(office.shelf.bench.ledger.drafts(of: .policyLoaded).last)
        #expect(loaded.fields["by"]?.array?.count == 1)
        #expect(office.keeper.count == 2)
    }

    @Test func `key and passkey stand beside each other, and one person counts once`() async throws
    {
        let office = try await Office(signedBy: ["ines"], needs: .widens)
        #expect(await denial { try await office.sign("ines") } == .signedAlready(person("ines")))
        #expect(try await office.sign("paul") == .inForce)
        #expect(office.shelf.service.status == .signed([person("ines"), person("paul")]))
        let other = try await Office(needs: .widens)
        let draft = try other.draft("ines")
        let byKey = try People.all["ines"].key.envelope(.signOff, draft.payload)
        _ = try await other.service.take(byKey)
        #expect(await denial { try await other.sign("ines") } == .signedAlready(person("ines")))
        #expect(other.signers == [person("ines")])
    }

    @Test func `who may not sign is told so before a passkey is asked for, and after`() async throws
    {
        let office = try await Office(signedBy: [])
        for (name, roles, expected): (String, Set<Role>, SignOffActionRefusal) in [
            ("rui", [], .missing), ("kim", [.kill], .notEntitled(person("kim"))),
            ("dana", [.breakGlass], .signedAlready(person("dana"))),
        ] {
            #expect(await denial { _ = try office.draft(name, roles) } == expected, "\(name)")
        }
        let draft = try office.draft("ines")
        for name in ["kim", "li"] {
            let envelope = try Passkeys.signed(draft, by: name)
            #expect(
                await denial { _ = try await office.service.take(envelope) }
                    == .notEntitled(person(name)))
        }
        let byKey = try People.all["rui"].key.envelope(.signOff, draft.payload)
        #expect(
            await denial { _ = try await office.service.take(byKey) } == .notEntitled(person("rui"))
        )
        let stranger = try People.all["mallory"].key.envelope(.signOff, draft.payload)
        #expect(
            await denial { _ = try await office.service.take(stranger) } == .signature(.unknownKey))
        #expect(office.keeper.count == 0 && office.passkeys.counter(of: "kim") == 7)
    }

    @Test func `a revision that changed between page and signature is refused`() async throws {
        let office = try await Office()
        let (seen, draft) = (try office.identity, try office.draft("ines"))
        let active = try office.active
        let others = [
            try Shelf.found(`Reloading the policy`.narrower, signedBy: nil, tests: 3),
            try Shelf.found(signedBy: nil, tests: 4),
        ]
        for other in others {
            try await office.put(other)
            #expect(
                await denial {
                    _ = try office.service.draft(
                        of: seen, over: active, for: office.visibility("ines"))
                } == .changed)
            #expect(
                await denial {
                    _ = try await office.service.take(try Passkeys.signed(draft, by: "ines"))
                } == .changed)
        }
        #expect(office.passkeys.counter(of: "ines") == 7 && office.keeper.count == 0)
        // The digest of the policy alone leaves open which tests and other files it was compared with.
        for other in [seen, office.shelf.digest] {
            #expect(
                await denial {
                    _ = try office.service.draft(
                        of: try office.identity, over: other, for: office.visibility("ines"))
                } == .changed)
        }
    }

    @Test func `what lies on disk by now is what counts, also when nobody has told of it`()
        async throws
    {
        let office = try await Office()
        let draft = try office.draft("ines")
        office.shelf.source.put(
            try Shelf.found(`Reloading the policy`.narrower, signedBy: nil, tests: 3))
        #expect(
            await denial {
                _ = try await office.service.take(try Passkeys.signed(draft, by: "ines"))
            }
                == .changed)
        // Another person signed with a key in the meantime; that signature is preserved.
        let other = try await Office(signedBy: [], needs: .widens)
        let second = try other.draft("paul")
        other.shelf.source.put(
            try Shelf.found(`Reloading the policy`.narrower, signedBy: ["eve"]))
        #expect(try await other.service.take(try Passkeys.signed(second, by: "paul")) == .inForce)
        #expect(other.shelf.service.status == .signed([person("eve"), person("paul")]))
    }

    @Test func `two who both say that it is their work are not both its author`() async throws {
        let office = try await Office()
        let drafts = (try office.draft("ines"), try office.draft("paul"))
        _ = try await office.service.take(try Passkeys.signed(drafts.0, by: "ines"))
        #expect(
            await denial {
                _ = try await office.service.take(try Passkeys.signed(drafts.1, by: "paul"))
            }
                == .changed)
        #expect(
            await denial { try await office.sign("ines", counter: 9) }
                == .signedAlready(person("ines")))
        // A person cannot sign a draft made for another person.
        let other = try await Office()
        let envelope = try Passkeys.signed(try other.draft("ines"), by: "paul")
        #expect(await denial { _ = try await other.service.take(envelope) } == .changed)
        #expect(other.keeper.count == 0)
    }

    @Test func `a signature that names another revision before it is refused`() async throws {
        let office = try await Office(signedBy: [])
        let stated = try SignOff(statement: try office.draft("ines").payload)
        let named = SignOff(
            identity: stated.identity, author: stated.author,
            after: OpenSSLHashing().sha256([1]))
        let envelope = try People.all["ines"].key.envelope(.signOff, try named.statement())
        #expect(
            await denial { _ = try await office.service.take(envelope) } == .changed)
        #expect(office.signers == [person("dana")])
    }

    @Test func `each part of a signature changed in turn is refused`() async throws {
        let office = try await Office()
        let draft = try office.draft("ines")
        let good = try Passkeys.signed(draft, by: "ines")
        func changed(
            _ type: PayloadType = .signOff, _ payload: [UInt8]? = nil, challenge: [UInt8]? = nil,
            signature: [UInt8]? = nil, credential: String = "ines"
        ) throws -> Envelope {
            Envelope(
                payloadType: type, payload: payload ?? draft.payload,
                signatures: [
                    .passkey(
                        try PasskeyAssertion(
                            credential: Passkeys.id(of: credential), authenticatorData: [8],
                            clientDataJSON: challenge ?? draft.challenge,
                            signature: signature ?? Array("ines".utf8)))
                ])
        }
        let halt = Envelope(payloadType: .halt, payload: draft.payload, signatures: [])
        let cases: [(Envelope, SignOffActionRefusal)] = [
            (try changed(.halt), .otherKind),
            (
                try changed(challenge: halt.challenge(OpenSSLHashing()).bytes),
                .signature(.badAssertion(.wrongChallenge))
            ),
            (try changed(signature: [1]), .signature(.badAssertion(.badSignature))),
            (try changed(credential: "paul"), .signature(.badAssertion(.badSignature))),
            (try changed(credential: "rui"), .signature(.unknownKey)),
            (
                Envelope(
                    payloadType: .signOff, payload: draft.payload,
                    signatures: good.signatures + good.signatures), .otherKind
            ),
        ]
        for (envelope, expected) in cases {
            #expect(await denial { _ = try await office.service.take(envelope) } == expected)
        }
        guard
            case .form = await denial({
                _ = try await office.service.take(try changed(.signOff, draft.payload + [0x20]))
            })
        else { return #expect(Bool(false), "a statement has one spelling") }
        #expect(office.keeper.count == 0 && office.passkeys.suspended.isEmpty)
    }

    @Test func `sent twice it costs nobody the passkey; a counter that went back does`()
        async throws
    {
        let office = try await Office()
        let envelope = try Passkeys.signed(try office.draft("ines"), by: "ines")
        _ = try await office.service.take(envelope)
        #expect(
            await denial { _ = try await office.service.take(envelope) }
                == .signedAlready(person("ines")))
        #expect(office.passkeys.suspended.isEmpty)
        #expect(
            await denial { try await office.sign("paul", counter: 7) }
                == .signature(.copiedPasskey(Passkeys.id(of: "paul"))))
        #expect(office.passkeys.suspended == [Passkeys.id(of: "paul")])
        #expect(office.signers == [person("ines")])
    }

    @Test func `nothing is written without the counter, and a disk that fails is said`()
        async throws
    {
        let office = try await Office()
        office.keeper.fail()
        #expect(
            await denial { try await office.sign("ines") } == .notRecorded("interlock.signoff"))
        #expect(office.signers == nil)
        office.passkeys.fail()
        #expect(
            await denial { try await office.sign("ines", counter: 9) } == .notRecorded("store"))
        #expect(office.keeper.count == 1)
    }

    @Test func `what waits for something else than signatures is not signed`() async throws {
        let office = try await Office()
        office.shelf.failing.value = ["t"]
        try await office.put(
            try Shelf.found(`Reloading the policy`.narrower, signedBy: nil, tests: 5))
        #expect(await denial { _ = try office.draft("ines") } == .otherwiseRefused("failing_tests"))
    }
}

/// Writes the sign-off to where the shelf is read.
final class FakeSignOffStore: PendingSignOffStore {
    private let source: ShelfSource
    private let state = Mutex((count: 0, fails: false))

    init(_ source: ShelfSource) { self.source = source }

    /// The number of attempted writes.
    var count: Int { state.withLock { $0.count } }
    func fail() { state.withLock { $0.fails = true } }

    func keep(_ signOff: SignOff) async throws(StoreFailure) {
        let fails = state.withLock { state in
            state.count += 1
            return state.fails
        }
        guard !fails else { throw StoreFailure(reason: "disk") }
        source.put(try resigned(signOff))
    }

    private func resigned(_ signOff: SignOff) throws(StoreFailure) -> RevisionOnDisk {
        do {
            let found = source.read(at: Timestamp(microseconds: 0))
            let old = try found.revision.get()
            let revision = PolicyRevision(
                document: old.document, snapshot: old.snapshot, identity: old.identity,
                signOff: signOff, lock: old.lock, bare: old.bare, zones: old.zones)
            return RevisionOnDisk(
                key: OpenSSLHashing().sha256(try signOff.bytes()), revision: .success(revision),
                bundle: found.bundle)
        } catch { throw StoreFailure(reason: "\(error)") }
    }
}

/// Returns the refusal of a signature under a policy, or nil if it was taken.
func denial(_ body: () async throws -> Void) async -> SignOffActionRefusal? {
    await thrown(body)
}
