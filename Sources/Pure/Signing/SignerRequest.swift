package import InterlockLedger
import InterlockModel

/// A request to the holder of a log's key. There is no request to sign bytes: each has a form, and the signer makes the
/// text that it signs.
///
/// ```
/// 1 status      nothing follows
/// 2 growth      origin, u64 from, u32 count, count leaf hashes, root
/// 3 heads       origin, u64 size, root, SHA-256 of the heads
/// 4 alive       the payload of the statement
/// 5 drill       the payload of the statement
/// ```
/// One byte of kind precedes the fields; a text has one byte of length; integers are big-endian; hashes have 32 bytes.
package enum SignerRequest: Hashable, Sendable {
    case status
    case growth(TreeGrowth)
    case heads(SignedHeads.Statement)
    case statement(NodeStatement)

    private enum Kind: UInt8 {
        case status = 1
        case growth = 2
        case heads = 3
        case alive = 4
        case drill = 5
    }

    /// Parses a request without its length.
    ///
    /// - Throws: `malformed`, `tooLarge`, `unknownKind`.
    package init(parsing bytes: [UInt8]) throws(SignerRefusal) {
        guard bytes.count <= SignerMessage.maximumRequestBytes else {
            throw SignerRefusal(.tooLarge, "the request has \(bytes.count) bytes")
        }
        var fields = SigningFields(bytes)
        guard let first = fields.integer(1) else {
            throw SignerRefusal(.malformed, "the request is empty")
        }
        guard let kind = Kind(rawValue: UInt8(first)) else {
            throw SignerRefusal(.unknownKind, "kind \(first) is not in the table of requests")
        }
        switch kind {
        case .status: self = .status
        case .growth: self = .growth(try Self.growth(&fields))
        case .heads: self = .heads(try Self.heads(&fields))
        case .alive: self = .statement(try NodeStatement(.alive, fields.rest()))
        case .drill: self = .statement(try NodeStatement(.drill, fields.rest()))
        }
        guard fields.isAtEnd else {
            throw SignerRefusal(.malformed, "bytes follow the request")
        }
    }

    /// The bytes of the request without its length.
    package var bytes: [UInt8] {
        var writer = SigningFieldsWriter()
        switch self {
        case .status: writer.add(UInt64(Kind.status.rawValue), width: 1)
        case .growth(let growth):
            writer.add(UInt64(Kind.growth.rawValue), width: 1)
            writer.add(growth.origin)
            writer.add(growth.from, width: 8)
            writer.add(UInt64(growth.leafHashes.count), width: 4)
            for hash in growth.leafHashes { writer.add(hash) }
            writer.add(growth.root)
        case .heads(let heads):
            writer.add(UInt64(Kind.heads.rawValue), width: 1)
            writer.add(heads.origin)
            writer.add(heads.size, width: 8)
            writer.add(heads.root)
            writer.add(heads.heads)
        case .statement(let statement):
            let kind = statement.type == .alive ? Kind.alive : Kind.drill
            writer.add(UInt64(kind.rawValue), width: 1)
            writer.add(statement.payload)
        }
        return writer.bytes
    }

    private static func growth(_ fields: inout SigningFields) throws(SignerRefusal) -> TreeGrowth {
        guard let origin = fields.text(), NoteName.isName(origin), let from = fields.integer(8),
            from < 1 << 63, let count = fields.integer(4)
        else { throw SignerRefusal(.malformed, "the growth of the tree is malformed") }
        guard count <= UInt64(TreeGrowth.maximumLeaves) else {
            throw SignerRefusal(.tooLarge, "the growth has \(count) leaves")
        }
        var hashes: [Digest] = []
        hashes.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let hash = fields.digest() else {
                throw SignerRefusal(.malformed, "the growth has fewer leaves than it states")
            }
            hashes.append(hash)
        }
        guard let root = fields.digest() else {
            throw SignerRefusal(.malformed, "the growth has no root")
        }
        return TreeGrowth(origin: origin, from: from, leafHashes: hashes, root: root)
    }

    private static func heads(
        _ fields: inout SigningFields
    ) throws(SignerRefusal) -> SignedHeads.Statement {
        guard let origin = fields.text(), NoteName.isName(origin), let size = fields.integer(8),
            size < 1 << 63, let root = fields.digest(), let heads = fields.digest()
        else { throw SignerRefusal(.malformed, "the statement of heads is malformed") }
        return SignedHeads.Statement(origin: origin, size: size, root: root, heads: heads)
    }
}
