import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

/// Orders of drills on disk, over a restart.
@Suite struct HaltFolderDrillTests {
    private let scratch = Scratch()
    private let clock = FixedClock(1_795_000_000)
    private let node = Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32)).unwrapped
    private let keys = (1...3).map {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0), count: 32)).unwrapped
    }

    private func folder() -> HaltFolder {
        HaltFolder(
            path: scratch.path + "/kill", org: "acme", node: "gw1", key: node, clock: clock)
    }

    private func person(_ number: Int, _ name: String) -> TrustedPerson {
        TrustedPerson(
            person: Person("\(name)\(number)@drill.interlock.invalid").unwrapped,
            pseudonym: pseudonym(number), roles: [.kill, .resume],
            keys: [
                EnrolledKey(
                    key: keys[number].publicKey, added: clock.now.wall, founding: true)
            ])
    }

    private func pseudonym(_ number: Int) -> Pseudonym {
        Pseudonym(text: Base64.encode([UInt8](repeating: UInt8(number), count: 16)))
    }

    private func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    /// A folder in which a drill has halted its canaries.
    private func halted() throws -> HaltFolder {
        let folder = folder()
        try folder.create(
            trust: AuthorizedKeys(
                org: "acme",
                people: (1...2).map { person($0, "li") }, nodes: []))
        var loaded = folder.load(newDeployment: false)
        try folder.add(drill: [person(0, "first"), person(1, "second"), person(2, "third")])
        let order = try HaltOrder(
            id: id(5), org: "acme/drill", target: .drill, reason: "a drill of the kill switch",
            author: pseudonym(0), at: clock.now.wall)
        let envelope = try PersonKey.file(keys[0]).envelope(.halt, try order.canonical())
        let verifier = HaltVerifier(
            SignedOrderVerifier(
                trust: .nobody(org: "acme"), verifier: OpenSSLVerifier()),
            drill: folder.drillVerifier)
        _ = try loaded.book.apply(
            verifier.halt(envelope, .now(clock.now.wall)), at: clock.now.wall,
            hashing: OpenSSLHashing())
        try folder.keep(envelope, id: id(5), epoch: loaded.book.epoch)
        return folder
    }

    @Test func `a restart knows the halt of a drill and its keys`() throws {
        _ = try halted()
        let folder = folder()
        let loaded = folder.load(newDeployment: false)
        #expect(loaded.faults.isEmpty && loaded.book.set.halt(of: .drill) != nil)
        #expect(loaded.book.set.halt(of: .org) == nil)
        #expect(folder.drillKeys?.people.count == 3)
    }

    @Test(arguments: [
        nil, "", "{}", #"{"v":1,"type":"trust","org":"other","people":[],"nodes":[]}"#,
    ])
    func `without the keys of drills their orders stop everything`(content: String?) throws {
        _ = try halted()
        let path = scratch.path + "/kill/drill.json"
        run(content.map { "printf '%s' '\($0)' > '\(path)'" } ?? "rm '\(path)'")
        let loaded = folder().load(newDeployment: false)
        #expect(loaded.book.set.halt(of: .org) != nil && !loaded.faults.isEmpty)
    }

    @Test func `the keys of each drill are added to those before`() throws {
        let folder = try halted()
        #expect(throws: KeyFailure.self) { try folder.add(drill: [person(0, "first")]) }
        #expect(folder.drillKeys?.people.count == 3)
    }
}
