import Glibc
import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

/// Reads and writes in the `state/` folder of another user by people's commands, including root's.
@Suite struct LinklessFolderTests {
    private let scratch = Scratch()
    private let id = OrderID(milliseconds: 1, random: [UInt8](repeating: 0, count: 10))
    private var kill: String { scratch.path + "/state/kill" }
    private var file: String { "\(kill)/orders/\(id.text).json" }

    init() {
        run("mkdir -p -m 700 '\(kill)/orders'")
    }

    private var order: Envelope {
        get throws {
            let key = Ed25519PrivateKey(seed: seed(1)).unwrapped
            return try PersonKey.file(key).envelope(.halt, Array("{}".utf8))
        }
    }

    @Test func `an order is put whole, over an earlier one, and no draft is left`() throws {
        run("echo torn >'\(file)'; echo torn >'\(file).part'")
        let order = try self.order
        try HaltFolder.put(order, id: id, in: kill)
        #expect(scratch.read("state/kill/orders/\(id.text).json") == order.bytes)
        #expect(run("ls '\(kill)/orders'") == "\(id.text).json\n")
        #expect(run("stat -c %a '\(file)'") == "600\n")
    }

    @Test(arguments: ["state", "state/kill", "state/kill/orders"])
    func `an order is put through no link`(_ name: String) throws {
        let other = Scratch()
        let order = try self.order
        run("mkdir -p '\(other.path)/kill/orders' '\(other.path)/orders'")
        run(
            "cd '\(scratch.path)' && mv \(name) away && ln -s '\(other.path)' \(name)")
        #expect(throws: KeyFailure(.exposed, "")) {
            try HaltFolder.put(order, id: id, in: kill)
        }
        #expect(run("find '\(other.path)' -type f") == "")
        // A file in place of a folder gives the same error, an absent folder gives `missing`.
        run("cd '\(scratch.path)' && rm \(name) && touch \(name)")
        #expect(throws: KeyFailure(.exposed, "")) {
            try HaltFolder.put(order, id: id, in: kill)
        }
        run("rm '\(scratch.path)/\(name)'")
        #expect(throws: KeyFailure(.missing, "")) {
            try HaltFolder.put(order, id: id, in: kill)
        }
    }

    @Test func `links under the names of an order and its draft are replaced`() throws {
        scratch.write("known", "mine")
        run("ln -s '\(scratch.path)/known' '\(file)'; ln -s '\(scratch.path)/known' '\(file).part'")
        try HaltFolder.put(try self.order, id: id, in: kill)
        #expect(scratch.read("known") == Array("mine".utf8))
        #expect(run("stat -c %F '\(file)'") == "regular file\n")
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `an order that root puts belongs to the folder's owner`() throws {
        run("chown 65534:65533 '\(kill)/orders'")
        try HaltFolder.put(try self.order, id: id, in: kill)
        #expect(run("stat -c '%u %g %a' '\(file)'") == "65534 65533 600\n")
    }

    @Test func `the trust file is read through no link, and a pipe is not waited for`() throws {
        #expect(throws: KeyFailure(.missing, "")) { try HaltFolder.trustBytes(in: kill) }
        scratch.write("state/kill/trust.json", "{}")
        #expect(try HaltFolder.trustBytes(in: kill) == Array("{}".utf8))
        run("cd '\(kill)' && mv trust.json real && ln -s real trust.json")
        #expect(throws: KeyFailure(.io, "")) { try HaltFolder.trustBytes(in: kill) }
        run("cd '\(kill)' && rm trust.json && mkfifo trust.json")
        #expect(throws: KeyFailure(.malformed, "")) { try HaltFolder.trustBytes(in: kill) }
    }

    @Test(.enabled(if: geteuid() == 0 || TestFiles.isCI, "needs root"))
    func `a folder of another user is called so, and the help names that user`() throws {
        run("chown 65534 '\(scratch.path)/state'")
        let user = UserName.text(of: 65534)
        do throws(KeyFailure) {
            try StateFolder.check(scratch.path + "/state")
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .exposed)
            #expect(error.reason == "`\(scratch.path)/state` belongs to user `\(user)`")
            #expect(error.help == "as that user: runuser -u \(user) -- interlock ...")
        }
    }

    @Test func `a key that is destroyed is not looked for behind a link`() throws {
        let keys = scratch.path + "/keys"
        let old = try NodeKeys.create(in: keys, entropy: SystemEntropy()).log.publicKey
        let new = try LogKeys.prepare(in: keys, entropy: SystemEntropy()).publicKey
        try LogKeys.commit(
            LogKeyRotation(
                from: old, to: new, at: Timestamp(microseconds: 1_795_000_000_000_000), .planned),
            in: keys)
        scratch.write("known", "mine", mode: 0o644)
        run(
            "cd '\(keys)' && mv log.key gone && mv log.next.key log.key && ln -s ../known log.old.key"
        )
        #expect(throws: KeyFailure.self) { try LogKeys.finishOverlap(in: keys) }
        #expect(scratch.read("known") == Array("mine".utf8))
        #expect(run("stat -c %a '\(scratch.path)/known'") == "644\n")
    }
}
