import InterlockCredentials
import InterlockModel
import Testing

@Suite struct LogKeysMovingTests {
    private let scratch = Scratch()
    private var keys: String { scratch.path + "/keys" }
    private var signer: String { scratch.path + "/signer" }

    private func files(_ folder: String) -> String? { run("ls '\(folder)'") }

    @Test func `a key that was moved is with the signer alone, and comes back`() throws {
        let made = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        try LogKeys.copy(from: keys, to: signer)
        #expect(try NodeKeys.load(from: keys).ownLogKeys != nil)

        let halts = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
        try LogKeys.destroy(in: keys)
        let moved = try NodeKeys.load(from: keys)
        #expect(moved.ownLogKeys == nil)
        #expect(moved.log.publicKey == made.log.publicKey)
        #expect(moved.halts.publicKey == halts.publicKey)
        #expect(moved.halts.publicKey != made.log.publicKey)
        #expect(moved.formerHaltKeys == [made.log.publicKey])
        #expect(files(keys) == "log.public\nnode.key\npseudonym.key\ntoken.key\n")
        #expect(try LogKeys.load(from: signer).current.publicKey == made.log.publicKey)

        try LogKeys.copy(from: signer, to: keys)
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
        try LogKeys.unpublish(in: keys)
        try LogKeys.destroy(in: signer)
        let back = try NodeKeys.load(from: keys)
        #expect(back.ownLogKeys?.current.publicKey == made.log.publicKey)
        #expect(back.halts.publicKey == made.log.publicKey)
        #expect(back.formerHaltKeys == [halts.publicKey])
        #expect(files(signer) == "")
    }

    @Test func `both keys of a rotation are moved, and named`() throws {
        let old = try NodeKeys.create(in: keys, entropy: SystemEntropy()).log.publicKey
        let new = try LogKeys.prepare(in: keys, entropy: SystemEntropy()).publicKey
        let rotation = LogKeyRotation(from: old, to: new, at: SystemClock().wall, .planned)
        try LogKeys.commit(rotation, in: keys)
        try LogKeys.copy(from: keys, to: signer)
        _ = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        try LogKeys.destroy(in: keys)
        let known = try NodeKeys.load(from: keys).log
        #expect(known.current == new)
        #expect(known.former == old)
        #expect(known.rotations == [rotation])
        #expect(known.earlier == [])
        #expect(try LogKeys.load(from: signer).former?.publicKey == old)
    }

    @Test func `another key in the signer's folder is not replaced`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        try LogKeys.copy(from: keys, to: signer)
        try LogKeys.copy(from: keys, to: signer)
        run("rm -f '\(signer)/log.key'")
        scratch.write("signer/log.key", [UInt8](repeating: 7, count: 32), mode: 0o400)
        #expect(code { try LogKeys.copy(from: keys, to: signer) } == .exists)
    }

    @Test(arguments: ["", "x\n", "AAAA\n", "planned 1 2 a b\n"])
    func `public keys that are damaged are refused`(_ text: String) throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        _ = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        try LogKeys.destroy(in: keys)
        run("rm -f '\(keys)/log.public'")
        scratch.write("keys/log.public", text, mode: 0o400)
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
    }

    @Test func `a moved key without the key of halts is refused`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        _ = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        try LogKeys.destroy(in: keys)
        run("rm -f '\(keys)/node.key'")
        #expect(code { _ = try NodeKeys.load(from: keys) } == .missing)
    }
}
