import InterlockModel
import InterlockTesting
import Testing

/// Orders of drills and those of people (docs/specs/kill-switch.md, section 10).
@Suite struct HaltVerifierTests {
    private let org = Org()
    private let now = SignedOrderVerifier.Time.now(Org.start + .seconds(100))
    private let first = Org.Member("first", 21, [.kill, .resume])
    private let second = Org.Member("second", 22, [.kill, .resume])

    private func verifier(drills: Bool = true) throws -> HaltVerifier {
        let keys = try AuthorizedKeys(
            org: CanaryNames.organisation(of: "acme"), people: [first.trusted(), second.trusted()],
            nodes: [])
        return HaltVerifier(
            try org.judge(),
            drill: drills ? SignedOrderVerifier(trust: keys, verifier: ForgeableSignatures()) : nil)
    }

    private func refusal(_ envelope: Envelope, drills: Bool = true) throws -> OrderRefusal? {
        let verifier = try verifier(drills: drills)
        do {
            _ = try verifier.halt(envelope, now)
            return nil
        } catch { return error }
    }

    private func release(of halts: [Int64], org name: String) throws -> Envelope {
        let order = try ReleaseOrder(
            id: org.id(9), org: name, halts: halts.map(org.id), afterEpoch: 2,
            reason: "the drill is over", authors: [first.pseudonym, second.pseudonym])
        return org.sign(.release, try order.canonical(), [first.key, second.key])
    }

    @Test func `a drill stops and releases its canaries`() throws {
        let halt = try org.halt(1, .drill, by: first, org: "acme/drill")
        #expect(try verifier().halt(halt, now).order.target == .drill)
        let released = try verifier().release(release(of: [1], org: "acme/drill"), now)
        #expect(Set(released.signers) == [first.pseudonym, second.pseudonym])
    }

    @Test func `the keys of a drill order nothing else`() throws {
        for target in [HaltTarget.org, .agent(AgentName("refunds").unwrapped)] {
            let refused = try refusal(org.halt(1, target, by: first, org: "acme/drill"))
            #expect(
                refused == .form(.badMember("scope", "drill in orders of drills, and in no other")))
        }
        #expect(try refusal(org.halt(1, .org, by: first)) == .unknownKey)
        #expect(throws: OrderRefusal.unknownKey) {
            try verifier().release(release(of: [1], org: "acme"), now)
        }
    }

    @Test func `people's keys order no drill`() throws {
        #expect(try refusal(org.halt(1, .drill, org: "acme/drill")) == .unknownKey)
        #expect(
            try refusal(org.halt(1, .drill))
                == .form(.badMember("scope", "drill in orders of drills, and in no other")))
        #expect(
            try refusal(org.halt(1, .drill, by: first, org: "acme/drill"), drills: false)
                == .otherOrganisation("acme/drill"))
    }

    @Test func `a drill's release that names a halt of people releases nothing`() throws {
        var book = HaltHistory(epoch: .first(org: "acme", node: "gw1", at: Org.start))
        let (hashing, at) = (WeakHashing(), Org.start)
        let verifier = try verifier()
        _ = try book.apply(verifier.halt(org.halt(1, .org), now), at: at, hashing: hashing)
        let canaries = try verifier.halt(
            org.halt(2, .drill, by: first, org: "acme/drill"), now)
        _ = try book.apply(canaries, at: at, hashing: hashing)
        #expect(throws: OrderRefusal.unknownHalt(org.id(1))) {
            try book.apply(
                verifier.release(release(of: [2, 1], org: "acme/drill"), now), at: at,
                hashing: hashing)
        }
        #expect(book.set.active.count == 2)
        let byPeople = try verifier.release(try org.release(3, of: [2]), now)
        #expect(throws: OrderRefusal.unknownHalt(org.id(2))) {
            try book.apply(byPeople, at: at, hashing: hashing)
        }
        let byDrill = try verifier.release(release(of: [2], org: "acme/drill"), now)
        #expect(try book.apply(byDrill, at: at, hashing: hashing))
        #expect(book.set.active.keys.map(\.text) == [org.id(1).text])
    }

    @Test func `the halt of a drill stops canaries and their servers alone`() throws {
        var set = HaltSet()
        set.apply(try verifier().halt(org.halt(1, .drill, by: first, org: "acme/drill"), now))
        func stops(_ agent: String?, owner: Pseudonym? = Pseudonym(text: "o")) -> Bool {
            set.match(
                agent: agent.flatMap { AgentName($0) }, owner: owner, server: nil, tool: nil,
                run: nil) != nil
        }
        #expect(stops(CanaryNames.agent("http")) && stops(CanaryNames.agent("relay"), owner: nil))
        #expect(!stops("refunds") && !stops("refunds", owner: nil) && !stops(nil, owner: nil))
        #expect(set.stops(ServerName(CanaryNames.server("stdio")).unwrapped))
        #expect(!set.stops(ServerName("billing").unwrapped))
        #expect(set.halt(of: .drill)?.id == org.id(1) && set.halt(of: .org) == nil)
    }
}
