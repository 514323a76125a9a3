import Glibc
import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

/// The folder of a log without a writer, as an auditor receives it, made from entries alone.
final class TestTiles: Sendable {
    let folder: String
    let key: VerifierKey
    private let signer: LogKey

    static let tree = TreeHash(TestLog.hashing)

    init() throws {
        folder = try makeFolder()
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        signer = LogKey(name: TestLog.origin, publicKey: secret.publicKey) { secret.sign($0) }
        key = try #require(
            VerifierKey(
                name: TestLog.origin, publicKey: secret.publicKey.bytes, hashing: TestLog.hashing))
    }

    deinit { removeFolder(folder) }

    var reader: LedgerReader {
        LedgerReader(
            directory: folder, payloads: folder + "/payloads", hashing: TestLog.hashing)
    }

    func request(treeOnly: Bool = true) -> VerifyRequest {
        var request = VerifyRequest(keys: [key], verifier: OpenSSLVerifier())
        request.treeOnly = treeOnly
        return request
    }

    /// Writes the files of a log of `entries`, published at each of `sizes`.
    /// - Returns: the signed checkpoints.
    @discardableResult
    func write(_ entries: some Sequence<[UInt8]>, publishing sizes: [Int]) throws -> [[UInt8]] {
        var writer = TileWriter(Self.tree)
        var checkpoints: [[UInt8]] = []
        for entry in entries {
            try put(writer.append(entry[...], leafHash: Self.tree.leaf(entry)))
            if sizes.contains(Int(writer.size)) {
                try put(writer.publish())
                let note = signed(size: writer.size, root: writer.range.root(Self.tree))
                try put("checkpoint", note)
                checkpoints.append(note)
            }
        }
        return checkpoints
    }

    func signed(size: UInt64, root: Digest) -> [UInt8] {
        Checkpoint(origin: TestLog.origin, size: size, root: root).signed(id: key.id, by: signer)
    }

    func put(_ files: [TileFile]) throws {
        for file in files { try put(file.path.description, file.bytes) }
    }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        let path = "\(folder)/\(name)"
        try Folder.make(Folder.parent(path))
        let file = try FileDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(bytes, at: 0)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try #require(try Folder.contents("\(folder)/\(name)", limit: 1 << 24))
    }

    func remove(_ name: String) throws { try Folder.remove("\(folder)/\(name)") }

    static func entry(_ place: Int) -> [UInt8] { Array("entry \(place)".utf8) }
}
