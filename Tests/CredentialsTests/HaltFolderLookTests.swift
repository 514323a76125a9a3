import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

/// Orders that arrive as files while the gateway runs (docs/specs/kill-switch.md, section 7).
@Suite struct HaltFolderLookTests {
    private let scratch = Scratch()
    private let node = Ed25519PrivateKey(seed: seed(9)).unwrapped
    private let li = Ed25519PrivateKey(seed: seed(1)).unwrapped
    private let clock = SteppedClock(1_795_000_000)

    private func folder(rootFile: String? = nil) throws -> HaltFolder {
        let folder = HaltFolder(
            path: scratch.path + "/kill", org: "acme", node: "gw1", key: node, rootFile: rootFile,
            clock: clock)
        try folder.create(
            trust: try AuthorizedKeys(
                org: "acme",
                people: [
                    TrustedPerson(
                        person: Person("li@acme.example").unwrapped, pseudonym: pseudonym,
                        roles: [.kill, .resume],
                        keys: [
                            EnrolledKey(key: li.publicKey, added: clock.now.wall, founding: true)
                        ])
                ], nodes: []))
        return folder
    }

    private var pseudonym: Pseudonym {
        Pseudonym(text: Base64.encode(Array(li.publicKey.bytes.prefix(16))))
    }

    private func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    private func halt(_ number: Int64) throws -> Envelope {
        let order = try HaltOrder(
            id: id(number), org: "acme", target: .org, reason: "something is wrong",
            author: pseudonym, at: clock.now.wall)
        return try PersonKey.file(li).envelope(.halt, try order.canonical())
    }

    @Test func `an order that comes as a file is found once, and one of our own never`() throws {
        let folder = try folder()
        let order = try halt(1)
        let own = try halt(2)
        try folder.keep(own, id: id(2), epoch: .first(org: "acme", node: "gw1", at: clock.now.wall))
        try HaltFolder.put(order, id: id(1), in: scratch.path + "/kill")
        let known = OpenSSLHashing().sha256(own.payload)
        let found = folder.look { $0 == known }
        #expect(
            found == [.order(file: "\(scratch.path)/kill/orders/\(id(1).text).json", order)])
        #expect(folder.look { $0 == known }.isEmpty)
    }

    @Test func `a file that is being written is waited for, one that stays broken is a fault`()
        throws
    {
        let folder = try folder()
        let path = scratch.path + "/kill/orders/torn.json"
        let whole = try halt(1).bytes
        for length in [0, 1, whole.count / 2, whole.count - 1] {
            scratch.write("kill/orders/torn.json", Array(whole.prefix(length)))
            #expect(folder.look { _ in false }.isEmpty, "\(length) bytes")
        }
        scratch.write("kill/orders/torn.json", whole)
        #expect(folder.look { _ in false } == [.order(file: path, try halt(1))])
        scratch.write("kill/orders/torn.json", Array(whole.dropLast()))
        #expect(folder.look { _ in false }.isEmpty)
        clock.advance(.milliseconds(1500))
        #expect(
            folder.look { _ in false } == [
                .fault(HaltFault(reason: "an order file cannot be read", file: path))
            ])
        #expect(folder.look { _ in false }.isEmpty, "told once")
        folder.setAside(path)
        #expect(run("ls '\(scratch.path)/kill/orders'") == "")
    }

    @Test func `root's file stops, whatever is in it, and a folder that cannot be used too`() throws
    {
        let root = scratch.path + "/HALT"
        let folder = try folder(rootFile: root)
        #expect(folder.look { _ in false }.isEmpty)
        scratch.write("HALT", [])
        #expect(
            folder.look { _ in false } == [
                .fault(HaltFault(reason: "the file `\(root)` is there", file: nil))
            ])
        #expect(folder.look { _ in false }.count == 1, "for as long as it is there")
        run("rm '\(root)'")
        #expect(folder.look { _ in false }.isEmpty)
        run("mv '\(scratch.path)/kill/orders' '\(scratch.path)/kill/away'")
        #expect(
            folder.look { _ in false } == [
                .fault(
                    HaltFault(
                        reason: "the folder of orders cannot be used",
                        file: scratch.path + "/kill/orders"))
            ])
    }
}

/// A clock that a test advances.
private final class SteppedClock: Clock {
    private let wall: Mutex<Int64>
    init(_ seconds: Int64) { wall = Mutex(seconds * 1_000_000) }
    func advance(_ duration: Duration) { wall.withLock { $0 += duration.microseconds } }
    var now: ClockReading {
        let microseconds = wall.withLock { $0 }
        return ClockReading(
            wall: Timestamp(microseconds: microseconds), boot: BootTime(microseconds: microseconds))
    }
}
