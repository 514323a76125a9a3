import Glibc
import InterlockAlerts
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting

@testable import InterlockSigning

/// The values that the tests of signers share.
enum SigningValues {
    static let origin = "acme.example/gw1/2026"
    static let hashing = OpenSSLHashing()
    static let tree = TreeHash(hashing)
    static let now = Timestamp(microseconds: 1_795_169_731_500_000)
    static let key = Ed25519PrivateKey(seed: Array(0..<32)).unwrapped

    /// A digest that no other number gives.
    static func leaf(_ number: Int) -> Digest { hashing.sha256(Array("leaf \(number)".utf8)) }

    static func leaves(_ numbers: Range<Int>) -> [Digest] { numbers.map { leaf($0) } }

    static func range(_ size: Int) -> CompactRange {
        var range = CompactRange()
        for hash in leaves(0..<size) { range.append(hash, tree) }
        return range
    }

    static func signed(_ size: Int) -> SignedTree {
        SignedTree(origin: origin, range: range(size), tree)
    }

    /// The growth from a size by leaves that continue it.
    static func growth(_ from: Int, _ to: Int, origin: String = origin) -> TreeGrowth {
        TreeGrowth(
            origin: origin, from: UInt64(from), leafHashes: leaves(from..<to),
            root: range(to).root(tree))
    }

    static func alive(
        at time: Timestamp = now, size: UInt64 = 0, origin: String = origin
    ) throws -> [UInt8] {
        try AliveMessage(origin: origin, at: time, size: size, isHalted: false, waiting: 0)
            .json.canonical()
    }

    static func note(_ head: Checkpoint) -> [UInt8] {
        let id = VerifierKey(
            name: head.origin, publicKey: key.publicKey.bytes, hashing: hashing
        ).unwrapped.id
        return head.signed(
            id: id, by: LogKey(name: head.origin, publicKey: key.publicKey) { key.sign($0) })
    }
}

/// A folder of mode 0700 that is removed at the end.
final class SignerFolder {
    let path: String

    init() {
        path = "/tmp/interlock-signer-\(getpid())-\(Hex.encode(SystemEntropy().bytes(8)))"
        _ = unsafe mkdir(path, 0o700)
    }

    deinit {
        for name in [
            "signed.tree", "signer.lock", "log.key", "log.next.key", "log.old.key",
            "log.rotations", "socket",
        ] {
            _ = unsafe unlink("\(path)/\(name)")
        }
        _ = unsafe rmdir(path)
    }

    /// Writes a file of mode 0400.
    func write(_ name: String, _ bytes: [UInt8]) {
        _ = unsafe unlink("\(path)/\(name)")
        let file = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT, 0o400)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    func read(_ name: String, _ count: Int, at offset: Int) -> [UInt8] {
        let file = unsafe open("\(path)/\(name)", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(file, buffer.baseAddress, buffer.count, offset)
        }
        return Array(bytes.prefix(max(0, got)))
    }

    /// Replaces bytes of a file from an offset on.
    func overwrite(_ name: String, _ bytes: [UInt8], at offset: Int) {
        let file = unsafe open("\(path)/\(name)", O_WRONLY)
        _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, offset) }
        close(file)
    }
}
