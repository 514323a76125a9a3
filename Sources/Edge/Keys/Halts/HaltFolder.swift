import Glibc
import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// `state/kill/` on disk.
///
/// ```
/// trust.json         who may stop and resume (`AuthorizedKeys`)
/// epoch.json         the newest epoch, an envelope signed by the node
/// orders/<id>.json   each halt and release ever taken, as its signed envelope
/// set-aside/         what stood in the way at a start, under its old name
/// ```
/// An order is written whole before it has its name: write, fsync, rename, fsync of the folder. So a
/// file cut short is never one that was confirmed, but it may be a halt: it stops everything.
package final class HaltFolder: OrderStore {
    let path: String
    let org: String
    let node: String
    let key: Ed25519PrivateKey
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    let clock: any Clock
    let entropy: any Entropy
    /// For whom passkeys sign orders; nil without a console.
    let party: RelyingParty?
    /// The number of the epoch that was written last; one at a time, and never back.
    private let newest = Mutex<Int64>(-1)
    /// Its being there stops the node; nil for a folder that no gateway runs on.
    let rootFile: String?
    /// The same; empty where there is none.
    package var rootPath: String { rootFile ?? "" }
    let seen = Mutex(OrderFileSnapshot())

    static let largestOrder = Envelope.largestJSON
    static let largestEpoch = 32 << 20

    /// - Parameters:
    ///   - key: the node's own key; signs epochs and the node's own halts.
    ///   - rootFile: where a file of the machine's administrator stops the node.
    package init(
        path: String, org: String, node: String, key: Ed25519PrivateKey,
        rootFile: String? = nil, party: RelyingParty? = nil,
        hashing: any Hashing = OpenSSLHashing(),
        verifier: any SignatureVerifier = OpenSSLVerifier(),
        clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy()
    ) {
        self.path = path
        self.org = org
        self.node = node
        self.key = key
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

    /// Makes the folder of a new deployment, with the first trust file and the empty epoch. Durable on
    /// return.
    ///
    /// - Throws: `exists` when there is a trust file already; then nothing has changed.
    package func create(trust: AuthorizedKeys) throws(KeyFailure) {
        try makeFolders()
        if try GuardedFile.names(in: path).contains("trust.json") {
            throw KeyFailure(.exists, "`\(trustPath)` exists already")
        }
        try write(.first(org: org, node: node, at: clock.wall))
        try write(trust)
    }

    /// Takes the folder of a drill away, with all that was made in it.
    package func remove() {
        for folder in [orders, path + "/set-aside", path] {
            for name in (try? GuardedFile.names(in: folder)) ?? [] {
                GuardedFile.remove("\(folder)/\(name)")
            }
            _ = unsafe rmdir(folder)
        }
    }

    /// Durable on return; after an error the older trust file stands.
    package func write(_ trust: AuthorizedKeys) throws(KeyFailure) {
        try GuardedFile.replace(trustPath, trust.json.serialized() + [0x0a], mode: 0o600)
    }

    /// Two halts may come at once: whichever epoch is newer stays. A release that could not be kept
    /// whole leaves no file, as far as that is possible.
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

    /// Durable on return. After an error a file may be left that stops everything at the next start.
    func write(order envelope: Envelope, id: OrderID) throws(KeyFailure) {
        try GuardedFile.replace(orderPath(id), envelope.bytes, mode: 0o600)
    }

    /// Durable on return; after an error the older epoch stands, which a start with more orders than
    /// it names accepts.
    func write(_ epoch: Epoch) throws(KeyFailure) {
        let payload: [UInt8]
        do { payload = try epoch.canonical() } catch {
            throw KeyFailure(.malformed, "the epoch cannot be written: \(error)")
        }
        try GuardedFile.replace(
            epochPath, sign(.epoch, payload).bytes, mode: 0o600)
    }

    func sign(_ type: PayloadType, _ payload: [UInt8]) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: [.key(key.publicKey, key.sign(message))])
    }

    func makeFolders() throws(KeyFailure) {
        try GuardedFile.makeFolder(path)
        try GuardedFile.makeFolder(orders)
        try GuardedFile.makeFolder(path + "/set-aside")
    }
}
