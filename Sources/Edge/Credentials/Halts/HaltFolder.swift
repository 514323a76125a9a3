import Glibc
import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// `state/kill/` on disk.
///
/// ```
/// trust.json         the people who may stop and resume (`AuthorizedKeys`)
/// drill.json         the same of drills, whose orders concern canaries alone
/// epoch.json         the newest epoch, an envelope signed by the node
/// orders/<id>.json   each accepted halt and release, as its signed envelope
/// set-aside/         damaged files that a start moved here under their old names
/// ```
/// An order is written completely before it gets its name: write, fsync, rename, fsync of the folder. A truncated
/// file is therefore never a confirmed order, but it may be a halt, so it stops everything.
///
/// INVARIANT: whatever may be a halt order stops agents: an order file, a truncated one, root's file, a signal, a
/// folder that cannot be read. Kept by `HaltSignTests`, `HaltFolderTests`, `HaltFolderLookTests`,
/// `test_kill_ways.py`.
package final class HaltFolder: OrderStore {
    let path: String
    let org: String
    let node: String
    let key: Ed25519PrivateKey
    /// The node's keys before `key`. They sign nothing any more, and orders that the epoch names may be signed by them.
    let formerKeys: [PublicKey]
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    let clock: any Clock
    let entropy: any Entropy
    /// The relying party whose passkeys sign orders. Is nil without a console.
    let party: RelyingParty?
    /// The number of the last epoch written. The lock serializes writers, and the number never decreases.
    private let newest = Mutex<Int64>(-1)
    /// A path whose existence stops the node. Is nil for a folder that no gateway runs on.
    let rootFile: String?
    /// The path of `rootFile`, or an empty string if it is nil.
    package var rootPath: String { rootFile ?? "" }
    let seen = Mutex(OrderFileSnapshot())
    let drill = Mutex<AuthorizedKeys?>(nil)

    static let largestOrder = Envelope.largestJSON
    static let largestEpoch = 32 << 20

    /// - Parameters:
    ///   - key: the node's own key; signs epochs and the node's own halts.
    ///   - rootFile: the path at which a file of the machine's administrator stops the node.
    package init(
        path: String, org: String, node: String, key: Ed25519PrivateKey,
        formerKeys: [PublicKey] = [],
        rootFile: String? = nil, party: RelyingParty? = nil,
        hashing: any Hashing = OpenSSLHashing(),
        verifier: any SignatureVerifier = OpenSSLVerifier(),
        clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy()
    ) {
        self.path = path
        self.org = org
        self.node = node
        self.key = key
        self.formerKeys = formerKeys
        self.rootFile = rootFile
        self.party = party
        self.hashing = hashing
        self.verifier = verifier
        self.clock = clock
        self.entropy = entropy
    }

    var orders: String { path + "/orders" }
    func orderPath(_ id: OrderID) -> String { "\(orders)/\(id.text).json" }
    var trustPath: String { path + "/trust.json" }
    var epochPath: String { path + "/epoch.json" }

    /// Creates the folder of a new deployment with the first trust file and the empty epoch. Durable on return.
    ///
    /// - Throws: `exists` if there is a trust file already; its content is unchanged.
    package func create(trust: AuthorizedKeys) throws(KeyFailure) {
        try makeFolders()
        if try GuardedFile.names(in: path).contains("trust.json") {
            throw KeyFailure(.exists, "`\(trustPath)` exists already")
        }
        try write(.first(org: org, node: node, at: clock.wall))
        try write(trust)
    }

    /// Removes the folder of a drill with its contents.
    package func remove() {
        for folder in [orders, path + "/set-aside", path] {
            for name in (try? GuardedFile.names(in: folder)) ?? [] {
                GuardedFile.remove("\(folder)/\(name)")
            }
            _ = unsafe rmdir(folder)
        }
    }

    /// Durable on return. After an error the old trust file is still in place.
    package func write(_ trust: AuthorizedKeys) throws(KeyFailure) {
        try GuardedFile.replace(trustPath, trust.json.serialized() + [0x0a], mode: 0o600)
    }

    /// Two halts may arrive at once; the newer epoch is kept. If a release cannot be stored completely, its file is
    /// removed as far as possible.
    package func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure) {
        do throws(KeyFailure) {
            try newest.withLock { newest throws(KeyFailure) in
                try write(order: order, id: id)
                guard epoch.number > newest else { return }
                try write(epoch)
                newest = epoch.number
            }
        } catch {
            if order.payloadType == .release { GuardedFile.remove(orderPath(id)) }
            throw StoreFailure(reason: error.reason)
        }
    }

    /// Durable on return. After an error a file may remain that stops everything at the next start.
    func write(order envelope: Envelope, id: OrderID) throws(KeyFailure) {
        try GuardedFile.replace(orderPath(id), envelope.bytes, mode: 0o600)
    }

    /// Durable on return. After an error the old epoch is still in place; a start accepts more orders than it names.
    func write(_ epoch: Epoch) throws(KeyFailure) {
        let payload: [UInt8]
        do { payload = try epoch.canonical() } catch {
            throw KeyFailure(.malformed, "the epoch cannot be written: \(error)")
        }
        try GuardedFile.replace(epochPath, sign(.epoch, payload).bytes, mode: 0o600)
    }

    func sign(_ type: PayloadType, _ payload: [UInt8]) -> Envelope {
        key.envelope(type, payload)
    }

    func makeFolders() throws(KeyFailure) {
        try GuardedFile.makeFolder(path)
        try GuardedFile.makeFolder(orders)
        try GuardedFile.makeFolder(path + "/set-aside")
    }
}

extension HaltFolder {
    /// Signs the epoch of `state/kill` with the node's new key in place of the old one, so that a start under the new
    /// key accepts it. An epoch that the old key did not sign is left unchanged for the start to verify. Durable on
    /// return.
    package static func resignEpoch(
        in path: String, from old: PublicKey, by key: Ed25519PrivateKey
    ) throws(KeyFailure) {
        let file = path + "/epoch.json"
        guard
            let bytes = try GuardedFile.ifPresent(
                try GuardedFile.read(file, limit: largestEpoch, rules: .trusted)),
            let envelope = try? Envelope(parsing: bytes, payloadLimit: OrderLimits.epochBytes),
            envelope.payloadType == .epoch, envelope.signatures.map(\.key) == [old],
            envelope.isSigned(by: OpenSSLVerifier()),
            let epoch = try? Epoch(parsing: envelope.payload)
        else { return }
        try HaltFolder(path: path, org: epoch.org, node: epoch.node, key: key).write(epoch)
    }
}
