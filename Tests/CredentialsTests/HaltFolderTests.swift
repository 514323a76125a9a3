import Glibc
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@Suite struct HaltFolderTests {
    private let scratch = Scratch()
    private let node = Ed25519PrivateKey(seed: seed(9)).unwrapped
    private let li = Ed25519PrivateKey(seed: seed(1)).unwrapped
    private let sam = Ed25519PrivateKey(seed: seed(2)).unwrapped
    private let refunds = AgentName("refunds").unwrapped
    private let owner = Pseudonym(text: Base64.encode([UInt8](repeating: 5, count: 16)))
    private let clock = FixedClock(1_795_000_000)

    private var folder: HaltFolder {
        HaltFolder(path: scratch.path + "/kill", org: "acme", node: "gw1", key: node, clock: clock)
    }

    private func pseudonym(_ key: Ed25519PrivateKey) -> Pseudonym {
        Pseudonym(text: Base64.encode(Array(key.publicKey.bytes.prefix(16))))
    }

    private func trust() throws -> AuthorizedKeys {
        try AuthorizedKeys(
            org: "acme",
            people: [("li", li), ("sam", sam)].map { name, key in
                TrustedPerson(
                    person: Person("\(name)@acme.example").unwrapped, pseudonym: pseudonym(key),
                    roles: [.kill, .resume],
                    keys: [
                        EnrolledKey(key: key.publicKey, added: clock.now.wall, founding: true)
                    ])
            },
            nodes: [TrustedNode(name: "gw1", key: node.publicKey)])
    }

    private func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    private func halt(_ number: Int64) throws -> Envelope {
        let order = try HaltOrder(
            id: id(number), org: "acme", target: .agent(refunds), reason: "something is wrong",
            author: pseudonym(li), at: clock.now.wall)
        return try PersonKey.file(li).envelope(.halt, try order.canonical())
    }

    private func release(_ number: Int64, of halts: [OrderID], after epoch: Int64) throws
        -> Envelope
    {
        let order = try ReleaseOrder(
            id: id(number), org: "acme", halts: halts, afterEpoch: epoch, reason: "put right again",
            authors: [pseudonym(li), pseudonym(sam)])
        let payload = try order.canonical()
        let both = try [li, sam].flatMap {
            try PersonKey.file($0).envelope(.release, payload).signatures
        }
        return Envelope(payloadType: .release, payload: payload, signatures: both)
    }

    private func take(_ envelope: Envelope, _ id: OrderID, into loaded: inout LoadedHalts) throws {
        let judge = SignedOrderVerifier(
            trust: try trust(), verifier: OpenSSLVerifier(), ownKey: node.publicKey)
        if envelope.payloadType == .halt {
            _ = try loaded.book.apply(
                try judge.halt(envelope, .now(clock.now.wall)), at: clock.now.wall,
                hashing: OpenSSLHashing())
        } else {
            _ = try loaded.book.apply(
                try judge.release(envelope, .now(clock.now.wall)), at: clock.now.wall,
                hashing: OpenSSLHashing())
        }
        try folder.keep(envelope, id: id, epoch: loaded.book.epoch)
    }

    private func stops(_ loaded: LoadedHalts, _ agent: String = "other") -> Bool {
        loaded.book.set.match(
            agent: AgentName(agent).unwrapped, owner: owner, server: nil, tool: nil, run: nil)
            != nil
    }

    /// A folder that stores one halt of one agent.
    private func prepared() throws {
        try folder.create(trust: try trust())
        var loaded = folder.load(newDeployment: false)
        try take(try halt(1), id(1), into: &loaded)
    }

    @Test func `a new deployment has no halt`() throws {
        try folder.create(trust: try trust())
        let loaded = folder.load(newDeployment: true)
        #expect(loaded.faults.isEmpty && loaded.durable && loaded.book.set.isEmpty)
        #expect(loaded.trust == (try trust()))
        #expect(throws: KeyFailure(.exists, "")) { try folder.create(trust: try trust()) }
    }

    @Test func `halts and releases hold over a restart`() throws {
        try prepared()
        var loaded = folder.load(newDeployment: false)
        #expect(loaded.faults.isEmpty && loaded.durable)
        #expect(stops(loaded, "refunds") && !stops(loaded))
        #expect(loaded.book.epoch.number == 1)
        try take(try release(2, of: [id(1)], after: 1), id(2), into: &loaded)
        let after = folder.load(newDeployment: false)
        #expect(after.faults.isEmpty && after.book.set.isEmpty)
        #expect(after.book.epoch == loaded.book.epoch)
    }

    @Test func `the halts of a node go over to its next key`() throws {
        try prepared()
        let next = Ed25519PrivateKey(seed: seed(10)).unwrapped
        let kill = scratch.path + "/kill"
        // An epoch that another key signed is not signed again.
        try HaltFolder.resignEpoch(in: kill, from: li.publicKey, by: next)
        #expect(folder.load(newDeployment: false).faults.isEmpty)
        for _ in 0..<2 {
            try HaltFolder.resignEpoch(in: kill, from: node.publicKey, by: next)
        }
        let loaded = HaltFolder(path: kill, org: "acme", node: "gw1", key: next, clock: clock)
            .load(newDeployment: false)
        #expect(loaded.faults.isEmpty && stops(loaded, "refunds") && !stops(loaded))
        #expect(loaded.book.epoch.number == 1)
    }

    @Test func `the node's own halts outlive any number of rotations of its key`() throws {
        try prepared()
        let keys = [node] + (21...22).map { Ed25519PrivateKey(seed: seed($0)).unwrapped }
        let kill = scratch.path + "/kill"
        func opened(_ place: Int, former: [PublicKey]) -> HaltFolder {
            HaltFolder(
                path: kill, org: "acme", node: "gw1", key: keys[place], formerKeys: former,
                clock: clock)
        }
        // The trust file lists the first key alone.
        for place in 1...2 {
            try HaltFolder.resignEpoch(in: kill, from: keys[place - 1].publicKey, by: keys[place])
            let folder = opened(place, former: keys[..<place].map(\.publicKey))
            var loaded = folder.load(newDeployment: false)
            #expect(loaded.faults.isEmpty, "\(loaded.faults)")
            let judge = SignedOrderVerifier(
                trust: try trust(), verifier: OpenSSLVerifier(), ownKey: keys[place].publicKey)
            let order = try folder.ownHalt(
                "a detector has stopped it", .agent(AgentName("agent-\(place)").unwrapped))
            let halt = try judge.halt(order, .now(clock.now.wall))
            _ = try loaded.book.apply(halt, at: clock.now.wall, hashing: OpenSSLHashing())
            try folder.keep(order, id: halt.order.id, epoch: loaded.book.epoch)
        }
        let all = opened(2, former: keys[..<2].map(\.publicKey)).load(newDeployment: false)
        #expect(all.faults.isEmpty && !stops(all) && stops(all, "agent-1"))
        #expect(
            stops(opened(2, former: []).load(newDeployment: false)), "as before: an unknown key")
    }

    @Test func `a former key of the node signs nothing new`() throws {
        try prepared()
        let next = Ed25519PrivateKey(seed: seed(21)).unwrapped
        let last = Ed25519PrivateKey(seed: seed(22)).unwrapped
        let kill = scratch.path + "/kill"
        try HaltFolder.resignEpoch(in: kill, from: node.publicKey, by: last)
        let stolen = HaltFolder(path: kill, org: "acme", node: "gw1", key: next, clock: clock)
        let order = try stolen.ownHalt("signed too late", .agent(refunds))
        scratch.write("kill/orders/late.json", order.bytes)
        let loaded = HaltFolder(
            path: kill, org: "acme", node: "gw1", key: last, formerKeys: [next.publicKey],
            clock: clock
        ).load(newDeployment: false)
        #expect(loaded.faults.count == 1 && stops(loaded))
    }

    @Test func `an order put into the folder by hand is obeyed and entered`() throws {
        try prepared()
        scratch.write("kill/orders/by-hand.json", try halt(7).bytes)
        let loaded = folder.load(newDeployment: false)
        #expect(loaded.faults.isEmpty)
        #expect(loaded.book.set.active.count == 2)
        #expect(loaded.book.epoch.number == 2)
        #expect(folder.load(newDeployment: false).book.epoch == loaded.book.epoch)
    }

    /// Rows of docs/specs/kill-switch.md, section 11: damage done to the folder.
    @Test(arguments: [
        "rm -r kill", "rm -r kill/orders", "chmod 755 kill/orders", "rm kill/trust.json",
        "echo '{' > kill/trust.json", ": > kill/trust.json",
        "sed -i s/acme/other/ kill/trust.json", "chmod 666 kill/trust.json",
        ": > kill/orders/torn.json", "echo '{}' > kill/orders/odd.json",
        "head -c 100 kill/orders/*.json > kill/orders/x.json.part",
        "sed -i 's/sig\":\"..../sig\":\"AAAA/' kill/orders/*.json", "rm kill/orders/*.json",
        "rm kill/epoch.json", "echo hello > kill/epoch.json",
        "sed -i 's/sig\":\"..../sig\":\"AAAA/' kill/epoch.json", "mkdir kill/orders/folder",
    ])
    func `what could hide a halt stops everything until two people release it`(
        _ damage: String
    ) throws {
        try prepared()
        #expect(run("cd '\(scratch.path)' && \(damage)") != nil)
        let loaded = folder.load(newDeployment: false)
        #expect(!loaded.faults.isEmpty)
        #expect(stops(loaded))
        // Repairing the folder by hand does not resume.
        run("cd '\(scratch.path)' && chmod 700 kill/orders")
        try folder.write(try trust())
        let again = folder.load(newDeployment: false)
        #expect(stops(again))
        // Two people resume, and the next start finds no reason to stop.
        var resumed = folder.load(newDeployment: false)
        #expect(resumed.faults.isEmpty, "\(resumed.faults)")
        let active = resumed.book.set.active.keys.sorted { $0.text < $1.text }
        try take(
            try release(50, of: active, after: resumed.book.epoch.number), id(50), into: &resumed)
        let final = folder.load(newDeployment: false)
        #expect(final.faults.isEmpty && final.book.set.isEmpty, "\(final.faults)")
    }

    @Test func `an order file cut short at any byte stops everything`() throws {
        let bytes = try halt(3).bytes
        for count in stride(from: 0, to: bytes.count, by: 37) {
            let scratch = Scratch()
            let folder = HaltFolder(
                path: scratch.path + "/kill", org: "acme", node: "gw1", key: node, clock: clock)
            try folder.create(trust: try trust())
            scratch.write("kill/orders/torn.json", Array(bytes.prefix(count)))
            #expect(stops(folder.load(newDeployment: false)))
        }
    }

    @Test func `the same damage at two starts makes one halt`() throws {
        try prepared()
        run("rm '\(scratch.path)/kill/trust.json'")
        #expect(folder.load(newDeployment: false).book.set.active.count == 1)
        #expect(folder.load(newDeployment: false).book.set.active.count == 1)
    }

    @Test func `an order by a stranger stops everything`() throws {
        try prepared()
        let stranger = Ed25519PrivateKey(seed: seed(3)).unwrapped
        let order = try HaltOrder(
            id: id(8), org: "acme", target: .agent(refunds), reason: "something is wrong",
            author: pseudonym(li), at: clock.now.wall)
        scratch.write(
            "kill/orders/8.json",
            try PersonKey.file(stranger).envelope(.halt, try order.canonical()).bytes)
        let loaded = folder.load(newDeployment: false)
        #expect(loaded.faults.count == 1)
        #expect(stops(loaded))
    }

    @Test func `a halt that cannot be kept stands in memory and says so`() throws {
        try prepared()
        run("cd '\(scratch.path)' && rm -r kill && echo 'in the way' > kill")
        let loaded = folder.load(newDeployment: false)
        #expect(stops(loaded) && !loaded.durable)
    }

    @Test func `a release that cannot be kept whole leaves no file`() throws {
        try prepared()
        let loaded = folder.load(newDeployment: false)
        run("cd '\(scratch.path)' && mkdir -p kill/epoch.json.part/full")
        let envelope = try release(2, of: [id(1)], after: 1)
        var book = loaded.book
        let judge = SignedOrderVerifier(trust: try trust(), verifier: OpenSSLVerifier())
        _ = try book.apply(
            try judge.release(envelope, .now(clock.now.wall)), at: clock.now.wall,
            hashing: OpenSSLHashing())
        #expect(throws: StoreFailure.self) {
            try folder.keep(envelope, id: id(2), epoch: book.epoch)
        }
        #expect(stops(folder.load(newDeployment: false), "refunds"))
    }

    @Test func `an older epoch never takes the place of a newer one`() throws {
        try prepared()
        let folder = folder
        var book = folder.load(newDeployment: false).book
        var epochs: [(Envelope, OrderID, Epoch)] = []
        let judge = SignedOrderVerifier(trust: try trust(), verifier: OpenSSLVerifier())
        for number in Int64(10)...11 {
            let envelope = try halt(number)
            _ = try book.apply(
                try judge.halt(envelope, .now(clock.now.wall)), at: clock.now.wall,
                hashing: OpenSSLHashing())
            epochs.append((envelope, id(number), book.epoch))
        }
        for (envelope, id, epoch) in epochs.reversed() {
            try folder.keep(envelope, id: id, epoch: epoch)
        }
        let loaded = folder.load(newDeployment: false)
        #expect(loaded.faults.isEmpty && loaded.book.epoch == book.epoch)
    }
}
