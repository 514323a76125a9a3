import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockSignerCommands
import InterlockSigning
import InterlockStore

/// Moves the log's key between a deployment and the folder of a signer. Each step is durable before the next begins and
/// may be repeated. From the note of the transfer on, until only one side has the key, no gateway starts; so a signer
/// that is started meanwhile signs alone.
struct SignerMove {
    private let deployment: Deployment
    private let folder: String

    init(_ invocation: Invocation) throws(Failure) {
        deployment = try Deployment.open(invocation)
        folder = try invocation.require("keys")
        do throws(KeyFailure) { try StateFolder.check(deployment.state) } catch {
            throw Failure(error)
        }
    }

    func move() throws {
        do {
            let isRepeated = try isRepeated(.move)
            let (old, halts) =
                try LogKeys.isPublished(in: deployment.keys)
                ? published() : copied(isRepeated: isRepeated)
            // If the process dies here, the folder has the key and the tree, and every start of the gateway is refused.
            try HaltFolder.resignEpoch(in: deployment.kill, from: old, by: halts)
            try LogKeys.destroy(in: deployment.keys)
            try LogKeyTransfer.end(in: deployment.keys)
        } catch let error as KeyFailure { throw Failure(error) }
    }

    /// - Throws: the refusal of another transfer that is not finished.
    private func isRepeated(_ direction: LogKeyTransfer.Direction) throws(KeyFailure) -> Bool {
        guard let found = try LogKeyTransfer.unfinished(in: deployment.keys) else { return false }
        // The folder may be gone since, and is named by its path then.
        let folder = (try? LogKeyTransfer(direction, folder: folder))?.folder ?? folder
        guard found.direction == direction, found.folder == folder else { throw found.refusal }
        return true
    }

    /// Returns the key that signs no halts from now on, and the one that does, if an earlier call gave the folder all.
    private func published() throws(KeyFailure) -> (old: PublicKey, halts: Ed25519PrivateKey) {
        // The keys are destroyed here only if this folder has them.
        let published = try LogKeys.published(in: deployment.keys).current
        let holder = try KeyHolder(folder: folder)
        guard holder.publicKey == published, sameBytes(holder.origin, origin) else { throw foreign }
        return (published, try LogKeys.haltKey(in: deployment.keys))
    }

    /// Gives the folder the keys and the tree of the log as it is.
    private func copied(isRepeated: Bool) throws -> (old: PublicKey, halts: Ed25519PrivateKey) {
        try StateFolder.create(folder)
        let lock = try SignerLock(folder)
        defer { withExtendedLifetime(lock) {} }
        if !isRepeated {
            _ = try NodeKeys.load(from: deployment.keys)
            try begin(.move, isPublished: false)
        }
        // If the process dies from here on, every start of the gateway is refused until the command is repeated. What is
        // refused before anything was copied ends the transfer.
        let keys = try NodeKeys.loadInTransfer(from: deployment.keys)
        let tree: SignedTree
        let note: [UInt8]
        do {
            (tree, note) = try foundTree(keys)
            try TreeFile.check(folder, isExtendedBy: tree, keys: keys.logKeys.all)
            try LogKeys.checkRoom(in: folder, for: deployment.keys)
        } catch {
            if !isRepeated { try LogKeyTransfer.end(in: deployment.keys) }
            throw error
        }
        // A tree of an earlier move must not be signed on with the key.
        try TreeFile.remove(in: folder)
        try LogKeys.copy(from: deployment.keys, to: folder)
        try TreeFile.create(in: folder, tree, note: note, keys: keys.logKeys.all)
        // If the process dies here, a signer may start, and the gateway may not.
        let halts = try LogKeys.publish(in: deployment.keys, entropy: SystemEntropy())
        return (keys.logKeys.current, halts)
    }

    /// The tree of the log and its newest checkpoint.
    private func foundTree(_ keys: NodeKeys) throws -> (SignedTree, note: [UInt8]) {
        let found = FoundTree()
        try LedgerSetup(deployment, keys).read(by: found)
        guard let tree = found.tree(origin: origin) else {
            throw Failure(.data, "the log has no checkpoint")
        }
        return tree
    }

    func takeBack() throws {
        do {
            let isRepeated = try isRepeated(.return)
            let isPublished = try LogKeys.isPublished(in: deployment.keys)
            // A call that was broken off after the key was here alone has only the destruction left.
            let isHere = isRepeated && !isPublished
            do throws(KeyFailure) { try StateFolder.check(folder) } catch {
                guard error.code == .missing, isHere else { throw error }
                return try LogKeyTransfer.end(in: deployment.keys)
            }
            // No signer runs on the folder, to the end.
            let lock = try SignerLock(folder)
            defer { withExtendedLifetime(lock) {} }
            if !isHere { try copyBack(isPublished: isPublished, isRepeated: isRepeated) }
            _ = try LogKeys.load(from: deployment.keys)
            try LogKeys.destroy(in: folder)
            try TreeFile.remove(in: folder)
            try LogKeyTransfer.end(in: deployment.keys)
        } catch let error as KeyFailure { throw Failure(error) }
    }

    private func copyBack(isPublished: Bool, isRepeated: Bool) throws {
        let keys = try LogKeys.load(from: folder)
        let own =
            try isPublished
            ? LogKeys.published(in: deployment.keys).current
            : LogKeys.load(from: deployment.keys).current.publicKey
        guard keys.current.publicKey == own else { throw foreign }
        if keys.isLeftOver { try LogKeys.finishOverlap(in: folder) }
        let halts = try isPublished ? LogKeys.haltKey(in: deployment.keys).publicKey : own
        if !isRepeated { try begin(.return, isPublished: isPublished) }
        // If the process dies from here on, every start of the gateway is refused until the command is repeated.
        try LogKeys.copy(from: folder, to: deployment.keys)
        let key = try LogKeys.load(from: deployment.keys).current
        try HaltFolder.resignEpoch(in: deployment.kill, from: halts, by: key)
        try LogKeys.unpublish(in: deployment.keys)
    }

    /// Notes the transfer, if no gateway runs and no other call was faster.
    private func begin(_ direction: LogKeyTransfer.Direction, isPublished: Bool) throws {
        let transfer = try LogKeyTransfer(direction, folder: folder)
        do {
            try WriteAheadLog.whileClosed(deployment.ledger) {
                try LogKeyTransfer.checkNone(in: deployment.keys, since: isPublished)
                try transfer.begin(in: deployment.keys)
            }
        } catch let error as LedgerFailure { throw Failure(error) }
    }

    private var origin: String { deployment.configuration.ledger.origin }

    private var foreign: KeyFailure {
        KeyFailure(
            .foreign, "`\(folder)` has the key of another log than this deployment names")
    }
}
