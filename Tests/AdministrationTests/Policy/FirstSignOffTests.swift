import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The first revision of a founding node, which is in force already, is signed on its page under the rules of the command
/// line (decision 0069): `ines` and `paul` own the policy, `eve` has the role `security`, `kim` may stop agents.
@Suite(.requirement("R153")) struct `Signing the first revision by passkey` {
    private struct Office {
        let shelf: Shelf
        let passkeys = Passkeys("ines", "paul", "kim", "eve")
        let keeper: FakeSignOffStore
        let service: SignOffService

        init(_ found: RevisionOnDisk? = nil) async throws {
            shelf = try await Shelf(
                found: try found ?? Shelf.found(signedBy: nil), passkeys: passkeys)
            keeper = FakeSignOffStore(shelf.source)
            service = SignOffService(
                gateway: shelf.bench.gateway, policies: shelf.service, people: shelf.bench.people,
                verifier: OpenSSLVerifier(), passkeys: passkeys.voting, hashing: OpenSSLHashing(),
                keeper: keeper)
        }

        var identity: Digest {
            get throws { try #require(shelf.service.active.identity.whole(OpenSSLHashing())) }
        }

        func draft(_ name: String, _ roles: Set<Role> = []) throws -> OrderDraft {
            let visibility = Visibility(person: People.all[name].person, roles: roles, own: [])
            return try service.draft(of: try identity, over: try identity, for: visibility)
        }

        func envelope(_ payload: [UInt8], by name: String) throws -> Envelope {
            let unsigned = Envelope(payloadType: .signOff, payload: payload, signatures: [])
            return Envelope(
                payloadType: .signOff, payload: payload,
                signatures: [
                    .passkey(
                        try PasskeyAssertion(
                            credential: Passkeys.id(of: name), authenticatorData: [8],
                            clientDataJSON: unsigned.challenge(OpenSSLHashing()).bytes,
                            signature: Array(name.utf8)))
                ])
        }

        @discardableResult
        func sign(_ name: String) async throws -> TakenSignOff {
            try await service.take(try envelope(try draft(name).payload, by: name))
        }

        var loaded: [RecordDraft] { shelf.bench.ledger.drafts(of: .policyLoaded) }

        /// True if nothing was signed or written, and the node is founding as before.
        var isUntouched: Bool {
            keeper.count == 0 && shelf.service.status.isFounding
                && ["ines", "kim"].allSatisfy { passkeys.counter(of: $0) == 7 }
        }
    }

    private func person(_ name: String) -> Person { People.all[name].person }

    @Test func `one who may signs it as its author, and the record is that of a signature by key`()
        async throws
    {
        let office = try await Office()
        let digest = office.shelf.digest
        #expect(office.shelf.bench.gateway.policy.isFounding)
        let draft = try office.draft("ines")
        let statement = try SignOff(statement: draft.payload)
        #expect(statement.identity == office.shelf.service.active.identity)
        #expect(statement.author == person("ines"))
        let taken = try await office.sign("ines")
        #expect(taken == .inForce)
        #expect(office.shelf.digest == digest && !office.shelf.bench.gateway.policy.isFounding)
        #expect(office.shelf.service.status == .signed([person("ines")], .founding))
        #expect(office.shelf.service.inReview == nil && office.keeper.count == 1)

        let command = try await Office()
        command.shelf.source.put(try Shelf.found(by: "ines", signedBy: ["ines"]))
        let report = await command.shelf.service.reload(.folder)
        #expect(report?.isLoaded == true)
        #expect(office.loaded.count == 2 && command.loaded.count == 2)
        #expect(office.loaded.last?.fields == command.loaded.last?.fields)
        #expect(office.loaded.last?.fields["by"]?.array?.count == 1)
        let again = await denial { _ = try await office.sign("paul") }
        #expect(again == .changed, "it waits for no other signature")
    }

    @Test
    func
        `a person whose signature does not count cannot claim it, by page nor by a forged statement`()
        async throws
    {
        let office = try await Office()
        let identity = office.shelf.service.active.identity
        #expect(
            await denial { _ = try office.draft("kim", [.kill]) } == .notEntitled(person("kim")))
        #expect(await denial { _ = try office.draft("rui") } == .missing)
        let own = try SignOff(identity: identity, author: person("kim")).statement()
        let owners = try SignOff(identity: identity, author: person("ines")).statement()
        let stranger = try SignOff(identity: identity, author: person("rui")).statement()
        let byKey = try People.all["rui"].key.envelope(.signOff, stranger)
        for (envelope, expected): (Envelope, SignOffActionRefusal) in [
            (try office.envelope(own, by: "kim"), .notEntitled(person("kim"))),
            (try office.envelope(owners, by: "kim"), .changed),
            (byKey, .notEntitled(person("rui"))),
        ] {
            let found = await denial { _ = try await office.service.take(envelope) }
            #expect(found == expected)
        }
        #expect(office.isUntouched)
    }

    @Test func `an author whom the command line named and who may not sign needs two others`()
        async throws
    {
        let office = try await Office(try Shelf.found(by: "kim", signedBy: ["kim"]))
        let first = try #require(office.shelf.service.waitsForFirstSignOff?.signing)
        #expect(first.author == person("kim") && first.need == 2)
        #expect(
            await denial { _ = try office.draft("kim", [.kill]) } == .signedAlready(person("kim")))
        guard case .waits(let reason) = try await office.sign("ines") else {
            return #expect(
                Bool(false), "a founding node with one of two signatures is not signed off")
        }
        #expect(reason.contains("signed by 1 of 2"))
        #expect(office.shelf.service.status.isFounding)
        let taken = try await office.sign("paul")
        #expect(taken == .inForce)
        #expect(office.shelf.service.status == .signed([person("ines"), person("paul")]))
    }

    @Test func `over a lock that no person signed, or that is refused, nothing is signed`()
        async throws
    {
        let lock = try BenchLock.lock(Bench.tools)
        let statement = try People.all["eve"].key.envelope(.lock, lock.statement)
        let made = try #require(statement.signatures.first)
        let signed = try lock.adding(
            LockSignature(key: try #require(made.key), bytes: made.bytes),
            hashing: OpenSSLHashing())
        for use in [LockUse.read(lock), .refused(.unsigned)] {
            let office = try await Office(try Shelf.found(signedBy: nil, lock: use))
            let found = await denial { _ = try office.draft("ines") }
            #expect(found == .otherwiseRefused("lock"))
            let payload = try SignOff(
                identity: office.shelf.service.active.identity, author: person("ines")
            ).statement()
            let sent = await denial {
                _ = try await office.service.take(try office.envelope(payload, by: "ines"))
            }
            #expect(sent == .otherwiseRefused("lock") && office.isUntouched)
        }
        let office = try await Office(try Shelf.found(signedBy: nil, lock: .read(signed)))
        let taken = try await office.sign("ines")
        #expect(taken == .inForce)
        #expect(office.shelf.service.lock == .signed([person("eve")]))
        #expect(office.shelf.service.active.lock == signed.digest)
    }

    @Test func `files that changed since the draft are refused, although they came into force`()
        async throws
    {
        let others = [
            try Shelf.found(`Reloading the policy`.narrower, signedBy: nil, tests: 3),
            try Shelf.found(signedBy: nil, tests: 4),
        ]
        for other in others {
            let office = try await Office()
            let (seen, draft) = (try office.identity, try office.draft("ines"))
            office.shelf.source.put(other)
            let sent = await denial {
                _ = try await office.service.take(try office.envelope(draft.payload, by: "ines"))
            }
            #expect(sent == .changed)
            let visibility = Visibility(person: person("ines"), roles: [], own: [])
            let drafted = await denial {
                _ = try office.service.draft(of: seen, over: seen, for: visibility)
            }
            #expect(drafted == .changed)
            let identity = try other.revision.get().identity
            #expect(office.shelf.service.active.identity == identity)
            #expect(office.isUntouched)
        }
    }

    @Test func `next to files that are refused nothing is signed`() async throws {
        let office = try await Office()
        let draft = try office.draft("ines")
        office.shelf.source.put(
            RevisionOnDisk(
                key: OpenSSLHashing().sha256([9]), revision: .failure(.unreadable("a test")),
                bundle: []))
        let sent = await denial {
            _ = try await office.service.take(try office.envelope(draft.payload, by: "ines"))
        }
        #expect(sent == .otherwiseRefused("unreadable"))
        #expect(await denial { _ = try office.draft("eve", [.security]) } == sent)
        #expect(office.isUntouched)
    }

    @Test func `a signature that could not be recorded is not said to be in force`() async throws {
        let office = try await Office()
        office.shelf.bench.ledger.refuse(.policyLoaded)
        guard case .waits(let reason) = try await office.sign("ines") else {
            return #expect(Bool(false), "nothing is in force without its record")
        }
        #expect(reason.contains("cannot be recorded"))
        #expect(office.shelf.service.status.isFounding)
        #expect(office.shelf.bench.gateway.policy.isFounding)
        office.shelf.bench.ledger.accept()
        let report = await office.shelf.service.reload(.signal)
        #expect(report?.isLoaded == true)
        #expect(office.shelf.service.status == .signed([person("ines")], .founding))
    }

    @Test func `its page has every rule and agent as new, and the worst case of each agent`()
        async throws
    {
        let office = try await Office()
        let queries = PolicyQueryService(
            gateway: office.shelf.bench.gateway, policies: office.shelf.service,
            hashing: OpenSSLHashing(),
            aside: { job in
                job()
                return true
            })
        let security = Visibility(person: person("eve"), roles: [.security], own: [])
        #expect(queries.overview(for: security).isProposed)
        let view = try await queries.proposal(for: security)
        let policy = office.shelf.service.active.snapshot
        #expect(view.isFirst && view.waitsForSignOff && view.digest == policy.digest)
        let identity = try office.identity
        #expect(view.identity == identity && view.activeIdentity == identity)
        #expect(view.signing?.need == 0 && view.files.contains("tests"))
        let stated = Set(view.changes.map { [$0.agent ?? "", $0.subject, $0.new] })
        for rule in policy.organisationRules {
            let row = ["", "\(rule.kind.rawValue) \(rule.name)", rule.sentence]
            #expect(stated.contains(row), "\(rule.name)")
        }
        for agent in policy.agents.keys {
            let rows = view.changes.filter { $0.agent == agent.text }
            #expect(rows.contains { $0.subject == "agent" && $0.direction == .widens })
            for rule in try #require(policy.rules(of: agent)) where rule.kind.isOfOneAgent {
                let row = [agent.text, "\(rule.kind.rawValue) \(rule.name)", rule.sentence]
                #expect(stated.contains(row), "\(rule.name)")
            }
            #expect(view.worst.changes.contains { $0.agent == agent }, "\(agent)")
        }
        #expect(view.changes.contains { $0.subject == "owners" && $0.new.contains("ines@") })
        #expect(view.changes.allSatisfy { $0.direction != .narrows })
        #expect(view.findings.count == policy.findings.count)
        let stranger = Visibility(person: person("li"), roles: [], own: [])
        await #expect(throws: PolicyReadingRefusal.missing) {
            _ = try await queries.proposal(for: stranger)
        }
        let draft = try office.draft("eve", [.security])
        _ = try await office.service.take(try office.envelope(draft.payload, by: "eve"))
        await #expect(throws: PolicyReadingRefusal.missing) {
            _ = try await queries.proposal(for: security)
        }
    }
}

extension EffectiveRule.Kind {
    fileprivate var isOfOneAgent: Bool {
        [.grant, .approval, .limit, .data, .hours, .egress].contains(self)
    }
}
