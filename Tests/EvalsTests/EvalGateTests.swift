import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The answers of the change gate about a fingerprint (docs/specs/evals.md, section 6).
@Suite(.requirement("R116", "R121")) struct `The change gate's facts` {
    private let now = ResultFixture.ended + .seconds(3600)

    private func fact(
        _ entries: [EvalGate.Entry], _ parts: AgentFingerprint = ResultFixture.parts(),
        proof: FingerprintProof? = .measured, tier: Tier = .high, at time: Timestamp? = nil,
        suites: [AgentName: Digest] = [:]
    ) -> EvalFact {
        EvalGate(entries, suites: suites).fact(
            of: parts.agent, fingerprint: parts.digest(hashing: ResultFixture.hashing),
            proof: proof, tier: tier, at: time ?? now)
    }

    @Test func `a signed, fresh, passing result of the fingerprint passes at each tier`() throws {
        let entry = try ResultFixture.entry(ResultFixture.result())
        for tier in Tier.allCases { #expect(fact([entry], tier: tier) == .passed) }
    }

    @Test func `no result, another agent, and another byte of any part are missing`() throws {
        let entry = try ResultFixture.entry(ResultFixture.result())
        #expect(fact([]) == .missing)
        let payouts = try #require(AgentName("payouts"))
        for parts in [
            ResultFixture.parts(model: 99), ResultFixture.parts(policy: 99),
            ResultFixture.parts(prompt: 99), ResultFixture.parts(skills: 99),
            ResultFixture.parts(tools: 99), ResultFixture.parts(agent: payouts),
        ] {
            #expect(fact([entry], parts) == .missing)
        }
        let gate = EvalGate([entry])
        let unknown = gate.fact(
            of: ResultFixture.agent, fingerprint: nil, proof: .measured, tier: .low, at: now)
        #expect(unknown == .unproven)
        let other = gate.fact(of: payouts, fingerprint: nil, proof: nil, tier: .low, at: now)
        #expect(other == .missing)
    }

    @Test func `a result of another suite is missing`() throws {
        let entry = try ResultFixture.entry(ResultFixture.result())
        #expect(
            fact([entry], suites: [ResultFixture.agent: ResultFixture.digest(9)]) == .passed)
        #expect(
            fact([entry], suites: [ResultFixture.agent: ResultFixture.digest(10)]) == .missing)
    }

    @Test(arguments: [EvalVerdict.fail, .invalid])
    func `a result that did not pass, or is partial, is failed`(_ verdict: EvalVerdict) throws {
        #expect(fact([try ResultFixture.entry(ResultFixture.result(verdict))]) == .failed)
        #expect(
            fact([try ResultFixture.entry(ResultFixture.result(isPartial: true))]) == .failed)
    }

    @Test(arguments: [(Tier.high, Int64(14)), (.medium, 30), (.low, 90)])
    func `a result is stale from the age of the tier on, or from that of its suite`(
        _ tier: Tier, _ days: Int64
    ) throws {
        let end = ResultFixture.ended + .seconds(days * 86_400)
        let entry = try ResultFixture.entry(ResultFixture.result())
        #expect(fact([entry], tier: tier, at: end - .seconds(1)) == .passed)
        #expect(fact([entry], tier: tier, at: end) == .stale)
        let short = try ResultFixture.entry(ResultFixture.result(maxAge: 86_400))
        let day = ResultFixture.ended + .seconds(86_400)
        #expect(fact([short], tier: tier, at: day - .seconds(1)) == .passed)
        #expect(fact([short], tier: tier, at: day) == .stale)
    }

    @Test func `a result from the future is not fresh`() throws {
        let entry = try ResultFixture.entry(ResultFixture.result())
        #expect(fact([entry], at: ResultFixture.ended - .seconds(300)) == .passed)
        #expect(fact([entry], at: ResultFixture.ended - .seconds(301)) == .stale)
    }

    @Test func `the owner's key counts at tier low alone`() throws {
        let entry = try ResultFixture.entry(ResultFixture.result(), by: ResultFixture.personal)
        #expect(fact([entry], tier: .low) == .passed)
        #expect(fact([entry], tier: .medium) == .unsigned)
        #expect(fact([entry], tier: .high) == .unsigned)
    }

    @Test func `of an agent without an owner no key counts above tier low that a person holds`()
        throws
    {
        let result = ResultFixture.result()
        let counting: [(Int, [Tier])] = [(0, Tier.allCases), (1, [.low])]
        for (number, tiers) in counting {
            let entry = EvalGate.Entry(
                result: result, signers: [ResultFixture.keys[number]], owners: [])
            for tier in Tier.allCases {
                let expected: EvalFact = tiers.contains(tier) ? .passed : .unsigned
                #expect(fact([entry], tier: tier) == expected, "\(number) at \(tier)")
            }
        }
    }

    @Test func `of entries that ended at once the one submitted last is the latest of an agent`()
        throws
    {
        let parts = (1...5).map { ResultFixture.parts(prompt: UInt8($0)) }
        let entries = try parts.enumerated().map { number, parts in
            // The last two ended at once.
            let ended = ResultFixture.ended + .seconds(Int64(min(number, 3)))
            return try ResultFixture.entry(ResultFixture.result(parts: parts, ended: ended))
        }
        let tied = Set(entries[3...4].map(\.result.fingerprint))
        for shift in entries.indices {
            let turned = Array(entries[shift...] + entries[..<shift])
            let expected = turned.map(\.result.fingerprint).last { tied.contains($0) }
            let latest = EvalGate(turned).latest(of: ResultFixture.agent, tier: .low)
            #expect(latest?.result.fingerprint == expected)
        }
        #expect(EvalGate([]).latest(of: ResultFixture.agent, tier: .low) == nil)
    }

    /// Otherwise the owner's own result would name another model, and bring back what an independent failure ended.
    @Test func `above tier low the latest entry has a key that the owner cannot use alone`() throws
    {
        func entry(
            _ prompt: UInt8, _ seconds: Int64, by key: Ed25519PrivateKey
        ) throws -> EvalGate.Entry {
            let ended = ResultFixture.ended + .seconds(seconds)
            return try ResultFixture.entry(
                ResultFixture.result(parts: ResultFixture.parts(prompt: prompt), ended: ended),
                by: key)
        }
        let independent = try entry(1, 0, by: ResultFixture.pipeline)
        let own = try entry(2, 60, by: ResultFixture.personal)
        for entries in [[independent, own], [own, independent]] {
            let gate = EvalGate(entries)
            for (tier, expected) in [(Tier.low, own), (.medium, independent), (.high, independent)]
            {
                let latest = gate.latest(of: ResultFixture.agent, tier: tier)
                #expect(latest?.result.fingerprint == expected.result.fingerprint, "\(tier)")
            }
        }
        #expect(EvalGate([own]).latest(of: ResultFixture.agent, tier: .high) != nil)
    }

    @Test func `a key that is not listed counts nowhere`() throws {
        let stranger = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32)))
        let entry = try ResultFixture.entry(ResultFixture.result(), by: stranger)
        for tier in Tier.allCases { #expect(fact([entry], tier: tier) == .unsigned) }
    }

    @Test(arguments: [
        ("T01", [Tier.low, .medium, .high]), ("T02", [.low, .medium, .high]),
        ("T03", [.medium, .high]), ("T04", [.low, .medium, .high]),
        ("T05", [.low, .medium, .high]), ("T06", [.low, .medium, .high]),
        ("T07", [.medium, .high]), ("T16", [.medium, .high]), ("T08", [.medium, .high]),
        ("T11", []), ("T14", []),
        ("T99", []),
    ])
    func `a flag makes a suite thin at its tiers`(_ flag: String, _ tiers: [Tier]) throws {
        let entry = try ResultFixture.entry(ResultFixture.result(flags: [flag]))
        for tier in Tier.allCases {
            #expect(fact([entry], tier: tier) == (tiers.contains(tier) ? .thin : .passed))
        }
    }

    @Test func `the flags that the gate counts are those that lint does not only warn of`() {
        for flag in ThinFlag.allCases {
            for tier in Tier.allCases {
                let isThin = EvalGate.thinFrom([flag.code]).map { tier >= $0 } ?? false
                #expect(isThin == !flag.isWarning(at: tier), "\(flag.code) at \(tier)")
            }
        }
    }

    @Test(arguments: [
        (FingerprintProof?.none, [Tier]()), (.declared, [.low]),
        (.attested, [.low, .medium, .high]), (.measured, [.low, .medium, .high]),
    ])
    func `each tier has its least proof`(_ proof: FingerprintProof?, _ tiers: [Tier]) throws {
        let entry = try ResultFixture.entry(ResultFixture.result())
        for tier in Tier.allCases {
            #expect(
                fact([entry], proof: proof, tier: tier)
                    == (tiers.contains(tier) ? .passed : .unproven))
        }
    }

    @Test func `the latest result counts, whatever the order, and a failure before a pass`() throws
    {
        let pass = try ResultFixture.entry(ResultFixture.result())
        let fail = try ResultFixture.entry(ResultFixture.result(.fail))
        let later = try ResultFixture.entry(
            ResultFixture.result(.fail, ended: ResultFixture.ended + .seconds(60)))
        for entries in [[pass, later], [later, pass], [pass, fail], [fail, pass]] {
            #expect(fact(entries) == .failed)
        }
    }

    @Test func `a result that no key signed never takes the place of a signed one`() throws {
        let pass = try ResultFixture.entry(ResultFixture.result())
        let forged = EvalGate.Entry(
            result: ResultFixture.result(.fail, ended: ResultFixture.ended + .seconds(60)),
            signers: [], owners: [ResultFixture.owner])
        #expect(fact([pass, forged]) == .passed)
        #expect(fact([forged, pass]) == .passed)
    }

    @Test func `a partial result takes the place of no whole one`() throws {
        let pass = try ResultFixture.entry(ResultFixture.result())
        let partial = try ResultFixture.entry(
            ResultFixture.result(isPartial: true, ended: ResultFixture.ended + .seconds(60)))
        #expect(fact([pass, partial]) == .passed)
        #expect(fact([partial, pass]) == .passed)
    }

    @Test func `the entry of a tier is the one by which it is judged`() throws {
        let first = try ResultFixture.entry(ResultFixture.result())
        let own = try ResultFixture.entry(
            ResultFixture.result(ended: ResultFixture.ended + .seconds(60)),
            by: ResultFixture.personal)
        let gate = EvalGate([first, own])
        let fingerprint = first.result.fingerprint
        let agent = ResultFixture.agent
        #expect(gate.entry(of: agent, fingerprint: fingerprint, tier: .low) == own)
        for tier in [Tier.medium, .high] {
            #expect(gate.entry(of: agent, fingerprint: fingerprint, tier: tier) == first)
        }
    }

    @Test
    func
        `the owner's results neither take the place of another's above tier low nor hide a failure`()
        throws
    {
        func entry(
            _ verdict: EvalVerdict, _ seconds: Int64, by key: Ed25519PrivateKey
        ) throws -> EvalGate.Entry {
            try ResultFixture.entry(
                ResultFixture.result(verdict, ended: ResultFixture.ended + .seconds(seconds)),
                by: key)
        }
        let pass = try entry(.pass, 0, by: ResultFixture.pipeline)
        let ownFailure = try entry(.fail, 60, by: ResultFixture.personal)
        let ownPass = try entry(.pass, 120, by: ResultFixture.personal)
        for entries in [[pass, ownFailure], [ownFailure, pass]] {
            #expect(fact(entries, tier: .low) == .failed)
            #expect(fact(entries, tier: .medium) == .passed)
        }
        // The order in which results are known does not matter.
        for entries in [
            [pass, ownFailure, ownPass], [ownPass, pass, ownFailure], [ownFailure, ownPass, pass],
        ] {
            for tier in Tier.allCases { #expect(fact(entries, tier: tier) == .passed) }
        }
        let failure = try entry(.fail, 180, by: ResultFixture.pipeline)
        for entries in [[failure, ownPass, pass], [ownPass, pass, failure]] {
            for tier in Tier.allCases { #expect(fact(entries, tier: tier) == .failed) }
        }
    }

    @Test func `a revoked key is no key, and an enrolled one is held by its person`() throws {
        let key = EvalKey(key: ResultFixture.pipeline.publicKey, heldBy: [])
        func trust(revoked: Timestamp?) throws -> AuthorizedKeys {
            try AuthorizedKeys(
                org: "acme",
                people: [
                    TrustedPerson(
                        person: ResultFixture.owner, pseudonym: Pseudonym(text: "p"), roles: [],
                        keys: [
                            EnrolledKey(
                                key: key.key, added: ResultFixture.ended, founding: true,
                                revoked: revoked)
                        ])
                ], nodes: [])
        }
        let (enrolled, revoked) = (try trust(revoked: nil), try trust(revoked: now))
        let held = try #require(key.checked(against: enrolled, at: now))
        #expect(held.heldBy == [ResultFixture.owner])
        #expect(key.checked(against: revoked, at: now) == nil)
    }

    /// A key that a policy states as held by a person is another one than those that are enrolled for the person.
    @Test func `a key of a person who left counts no more, one of a person with a new key does`()
        throws
    {
        let key = EvalKey(key: ResultFixture.pipeline.publicKey, heldBy: [ResultFixture.owner])
        func enrolled(_ byte: UInt8, revoked: Timestamp?) -> EnrolledKey {
            EnrolledKey(
                key: PublicKey(bytes: [UInt8](repeating: byte, count: 32)).unwrapped,
                added: ResultFixture.ended, founding: true, revoked: revoked)
        }
        func trust(_ keys: [EnrolledKey]) throws -> AuthorizedKeys {
            try AuthorizedKeys(
                org: "acme",
                people: [
                    TrustedPerson(
                        person: ResultFixture.owner, pseudonym: Pseudonym(text: "p"), roles: [],
                        keys: keys)
                ], nodes: [])
        }
        let (old, new) = (enrolled(1, revoked: now), enrolled(2, revoked: nil))
        #expect(try key.checked(against: trust([old]), at: now) == nil)
        #expect(try key.checked(against: trust([old, new]), at: now) == key)
        #expect(try key.checked(against: trust([new]), at: now) == key)
        // A person without any credential was never enrolled.
        #expect(try key.checked(against: trust([]), at: now) == key)
    }

    @Test func `a key counts for a change if both policies list it, by the stricter holders`() {
        let (pipeline, personal) = (ResultFixture.keys[0], ResultFixture.keys[1])
        let owners: Set<Person> = [ResultFixture.owner]
        func listed(_ current: [EvalKey], _ base: [EvalKey]) -> [EvalKey] {
            EvalKey.listed(in: current, and: base, owners: owners)
        }
        #expect(listed([pipeline, personal], [pipeline]) == [pipeline])
        #expect(listed([personal], [pipeline]).isEmpty)
        #expect(listed([pipeline], []).isEmpty)
        // A branch says that no person holds the owner's key, or that the owner holds that of the pipeline.
        let freed = EvalKey(key: personal.key, heldBy: [])
        #expect(listed([freed], [personal]) == [personal])
        let taken = EvalKey(key: pipeline.key, heldBy: owners)
        #expect(listed([taken], [pipeline]) == [taken])
    }
}
