import InterlockCredentials
import Testing

@Suite struct LogKeyTransferTests {
    private let scratch = Scratch()
    private var keys: String { scratch.path + "/keys" }
    private var signer: String { scratch.path + "/signer" }

    @Test func `a transfer lasts until it is ended, and names its folder`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        #expect(try LogKeyTransfer.unfinished(in: keys) == nil)
        #expect(code { _ = try LogKeyTransfer(.move, folder: signer) } == .missing)
        run("mkdir -m 700 '\(signer)'")
        let transfer = try LogKeyTransfer(.move, folder: signer + "/../signer/")
        try transfer.begin(in: keys)
        #expect(try LogKeyTransfer.unfinished(in: keys) == transfer)
        #expect(try LogKeyTransfer(.move, folder: signer) == transfer)
        #expect(try LogKeyTransfer(.return, folder: signer) != transfer)
        #expect(try LogKeyTransfer(.move, folder: keys) != transfer)
        #expect(
            transfer.refusal.help == "finish it: interlock signer move --keys '\(transfer.folder)'")
        try LogKeyTransfer.end(in: keys)
        try LogKeyTransfer.end(in: keys)
        #expect(try LogKeyTransfer.unfinished(in: keys) == nil)
    }

    /// The steps of a move and of a return, in order: at most one side can start.
    @Test func `no gateway starts while a signer could`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        run("mkdir -m 700 '\(signer)'")
        func check(_ mayStart: Bool, _ step: String) {
            #expect((code { _ = try NodeKeys.load(from: keys) } == nil) == mayStart, "\(step)")
        }
        check(true, "at first")
        try LogKeyTransfer(.move, folder: signer).begin(in: keys)
        check(false, "a move was begun")
        try LogKeys.copy(from: keys, to: signer)
        check(false, "the folder has the key")
        #expect(try NodeKeys.loadInTransfer(from: keys).ownLogKeys != nil)
        _ = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        check(false, "published")
        try LogKeys.destroy(in: keys)
        check(false, "destroyed")
        try LogKeyTransfer.end(in: keys)
        check(true, "moved")
        #expect(try NodeKeys.load(from: keys).ownLogKeys == nil)

        try LogKeyTransfer(.return, folder: signer).begin(in: keys)
        check(false, "a return was begun")
        try LogKeys.copy(from: signer, to: keys)
        try LogKeys.unpublish(in: keys)
        check(false, "both have the key")
        try LogKeys.destroy(in: signer)
        check(false, "destroyed in the folder")
        try LogKeyTransfer.end(in: keys)
        check(true, "returned")
    }

    @Test func `keys that were moved since they were read are noticed`() throws {
        let made = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        run("mkdir -m 700 '\(signer)'")
        try made.checkUnmoved(in: keys)
        try LogKeyTransfer(.move, folder: signer).begin(in: keys)
        #expect(code { try made.checkUnmoved(in: keys) } == .exists)
        try NodeKeys.loadInTransfer(from: keys).checkUnmoved(in: keys)
        _ = try LogKeys.publish(in: keys, entropy: SystemEntropy())
        try LogKeys.destroy(in: keys)
        try LogKeyTransfer.end(in: keys)
        #expect(code { try made.checkUnmoved(in: keys) } == .exists)
        try NodeKeys.load(from: keys).checkUnmoved(in: keys)
    }

    @Test func `a folder with other keys is refused before anything is copied`() throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        run("mkdir -m 700 '\(signer)'")
        try LogKeys.checkRoom(in: signer, for: keys)
        #expect(run("ls '\(signer)'") == "")
        scratch.write("signer/log.key", [UInt8](repeating: 7, count: 32), mode: 0o400)
        #expect(code { try LogKeys.checkRoom(in: signer, for: keys) } == .exists)
    }

    @Test(arguments: ["", "move /x", "take /x\n", "move\n"])
    func `a note that is damaged refuses every start`(_ text: String) throws {
        _ = try NodeKeys.create(in: keys, entropy: SystemEntropy())
        scratch.write("keys/log.transfer", text, mode: 0o400)
        #expect(code { _ = try NodeKeys.load(from: keys) } == .malformed)
    }
}
