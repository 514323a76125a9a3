import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockSignerCommands
import InterlockSigning
import Synchronization

extension Command {
    static let signerMove = Command(
        "signer move", "give the log's key to a signer",
        example: "interlock signer move --keys /var/lib/interlock-signer",
        options: [.directory, keysOfSigner],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain, .notPermitted],
        notes: """
            The gateway must not run. FOLDER gets the key and what the log's last checkpoint is; `state/keys` keeps the \
            public key, and a key of its own for halts. Then give FOLDER to the signer's user (chown -R), start the signer, \
            and name its socket in `ledger.signer`. Run it again if it was broken off, with FOLDER yours; until then every \
            start is refused.
            """
    ) { invocation in
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUnreadable())
        try SignerMove(invocation).move()
        Output.line("the log's key is in `\(try invocation.require("keys"))` alone")
        return .ok
    }

    static let signerReturn = Command(
        "signer return", "take the log's key back from a signer",
        example: "interlock signer return --keys /var/lib/interlock-signer",
        options: [.directory, keysOfSigner],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain, .notPermitted],
        notes: """
            Neither gateway nor signer must run, and FOLDER must belong to this user (chown -R). Then take `ledger.signer` \
            out of interlock.yaml. Key rotations and new epochs are done between this command and `signer move`.
            """
    ) { invocation in
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUnreadable())
        try SignerMove(invocation).takeBack()
        Output.line("the log's key is in `state/keys` alone")
        return .ok
    }
}

/// Moves the log's key between a deployment and the folder of a signer. Each step is durable before the next begins and
/// may be repeated.
private struct SignerMove {
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
            let (old, halts) = try published()
            // If the process dies from here on, every start is refused until the command is repeated.
            try HaltFolder.resignEpoch(in: deployment.kill, from: old, by: halts)
            try LogKeys.destroy(in: deployment.keys)
        } catch let error as KeyFailure { throw Failure(error) }
    }

    /// Returns the key that signs no halts from now on, and the one that does.
    private func published() throws -> (old: PublicKey, halts: Ed25519PrivateKey) {
        if try LogKeys.isPublished(in: deployment.keys) {
            // The keys are destroyed here only if this folder has them.
            let published = try LogKeys.published(in: deployment.keys).current
            let holder = try KeyHolder(folder: folder)
            try check(holder, has: published)
            return (published, try LogKeys.haltKey(in: deployment.keys))
        }
        try copyWithTree()
        // If the process dies here, the key is in both folders, and that of the gateway still signs.
        let old = try LogKeys.load(from: deployment.keys).current.publicKey
        return (old, try LogKeys.publish(in: deployment.keys, entropy: SystemEntropy()))
    }

    func takeBack() throws {
        do throws(KeyFailure) {
            // The signer's lock is held to the end, and its tree is whole.
            let holder = try KeyHolder(folder: folder)
            defer { withExtendedLifetime(holder) {} }
            let isPublished = try LogKeys.isPublished(in: deployment.keys)
            try check(
                holder,
                has: isPublished
                    ? LogKeys.published(in: deployment.keys).current
                    : LogKeys.load(from: deployment.keys).current.publicKey)
            let halts = try LogKeys.haltKey(in: deployment.keys).publicKey
            try LogKeys.copy(from: folder, to: deployment.keys)
            // If the process dies from here on, every start is refused until the command is repeated.
            let key = try LogKeys.load(from: deployment.keys).current
            try HaltFolder.resignEpoch(in: deployment.kill, from: halts, by: key)
            try LogKeys.unpublish(in: deployment.keys)
            // If the process dies here, the key is in both folders, and that of the gateway signs.
            try LogKeys.destroy(in: folder)
        } catch { throw Failure(error) }
    }

    private func check(_ holder: KeyHolder, has key: PublicKey) throws(KeyFailure) {
        guard holder.publicKey == key,
            sameBytes(holder.origin, deployment.configuration.ledger.origin)
        else {
            throw KeyFailure(
                .foreign, "`\(folder)` has the key of another log than this deployment names")
        }
    }

    /// Writes the signer's folder from the log as it is, which no other process may write meanwhile.
    private func copyWithTree() throws {
        let found = FoundTree()
        let keys = try NodeKeys.load(from: deployment.keys)
        try LedgerSetup(deployment, keys).read(by: found)
        let origin = deployment.configuration.ledger.origin
        guard let (tree, note) = found.tree(origin: origin, TreeHash(OpenSSLHashing())) else {
            throw Failure(.data, "the log has no checkpoint")
        }
        try LogKeys.copy(from: deployment.keys, to: folder)
        let log = keys.logKeys
        try TreeFile.create(
            in: folder, tree, note: note,
            keys: [log.current] + [log.former].compactMap(\.self) + log.earlier)
    }
}

/// The tree of a log and its newest checkpoint, as a start finds and continues them.
private final class FoundTree: DurableFollower {
    private let state = Mutex<(range: CompactRange, note: [UInt8])>((CompactRange(), []))

    func begin(at range: CompactRange) { state.withLock { $0.range = range } }

    func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        let tree = TreeHash(OpenSSLHashing())
        state.withLock { state in
            for hash in leafHashes { state.range.append(hash, tree) }
            state.note = checkpoint
        }
    }

    func tree(origin: String, _ tree: TreeHash) -> (SignedTree, note: [UInt8])? {
        state.withLock { state -> (SignedTree, note: [UInt8])? in
            guard !state.note.isEmpty else { return nil }
            return (SignedTree(origin: origin, range: state.range, tree), state.note)
        }
    }
}
