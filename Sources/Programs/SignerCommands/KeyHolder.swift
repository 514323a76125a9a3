package import InterlockCredentials
import InterlockLedger
package import InterlockModel
import InterlockSigning

/// The private keys of one log, and the tree that they signed last. Used by one thread.
package final class KeyHolder {
    private let keys: LogKeys
    private let lock: SignerLock
    private let file: TreeFile
    private var tree: SignedTree
    private let current: IdentifiedSigner
    private let former: (signer: IdentifiedSigner, until: Timestamp)?
    private let clock: any Clock
    private let hashing = OpenSSLHashing()

    package var origin: String { tree.origin }
    package var size: UInt64 { tree.size }
    package var publicKey: PublicKey { keys.current.publicKey }
    /// True if a slot of the tree was damaged when the folder was opened, and was written again.
    package var wasTreeDamaged: Bool { file.wasDamaged }

    /// Opens the folder of the keys. The first start after the end of a rotation destroys the replaced key.
    ///
    /// - Throws: `missing`, `exposed`, `malformed`; `exists` if another process uses the folder; `io`.
    package init(folder: String, clock: any Clock = SystemClock()) throws(KeyFailure) {
        try StateFolder.check(folder)
        lock = try SignerLock(folder)
        var keys = try LogKeys.load(from: folder)
        let (file, tree) = try TreeFile.open(in: folder, keys: LogPublicKeys(keys).all)
        if keys.isOverlapOver(at: clock.wall) {
            try LogKeys.finishOverlap(in: folder)
            keys = try LogKeys.load(from: folder)
        }
        self.keys = keys
        self.file = file
        self.tree = tree
        self.clock = clock
        current = try Self.signer(keys.current, tree.origin)
        if let key = keys.former, let end = keys.overlapEnd {
            let signer = try Self.signer(key, tree.origin)
            former = (signer, end)
        } else {
            former = nil
        }
    }

    private static func signer(
        _ key: Ed25519PrivateKey, _ origin: String
    ) throws(KeyFailure) -> IdentifiedSigner {
        guard
            let id = VerifierKey(
                name: origin, publicKey: key.publicKey.bytes, hashing: OpenSSLHashing())?.id
        else { throw KeyFailure(.malformed, "`\(origin)` is no name of a log") }
        return IdentifiedSigner(
            LogKey(name: origin, publicKey: key.publicKey) { key.sign($0) }, id: id)
    }

    /// Answers one request.
    ///
    /// - Throws: `io` if the tree cannot be stored; the process must then end, because what is durable is unknown.
    package func respond(to request: [UInt8]) throws(KeyFailure) -> [UInt8] {
        try response(to: request).bytes
    }

    private func response(to bytes: [UInt8]) throws(KeyFailure) -> SignerResponse {
        var next = tree
        let action: SigningAction
        do throws(SignerRefusal) {
            action = try next.decide(
                try SignerRequest(parsing: bytes), at: clock.wall, TreeHash(hashing))
        } catch { return .refused(error) }
        switch action {
        case .status:
            return .status(tree.head, publicKey, wasTreeDamaged: wasTreeDamaged)
        case .checkpoint(let text, let isNew):
            let note = SignedNote.sign(text, with: signers)
            if isNew { try file.store(next, note: note) }
            // If the process dies here, the tree is durable, and the same request is signed again.
            tree = next
            return .note(note)
        case .heads(let text): return .note(SignedNote.sign(text, with: [current]))
        case .statement(let message): return .signature(keys.current.sign(message))
        }
    }

    /// The keys that sign checkpoints now, newest first.
    private var signers: [IdentifiedSigner] {
        guard let former, clock.wall < former.until else { return [current] }
        return [current, former.signer]
    }
}
