/// The parts of a ClientHello by which the proxy decides.
package struct ClientHello: Equatable, Sendable {
    /// The one name of the server, as it was sent; is nil if there is none.
    package let serverName: [UInt8]?
    /// True if the hello names more than one server, or names it in an unknown form.
    package let isAmbiguous: Bool
    /// True if the hello has an encrypted part, which could name another server. A client that only pretends to
    /// send one cannot be distinguished from it.
    package let isEncrypted: Bool

    /// RFC 6066, section 3.
    private static let serverNameType = 0
    /// RFC 9849, its drafts, and ESNI before them.
    private static let encryptedTypes: Set<Int> = [
        0xfe0d, 0xfe0c, 0xfe0b, 0xfe0a, 0xfe09, 0xfe08, 0xff02, 0xff03, 0xffce,
    ]

    /// - Parameter body: the message without its header.
    init(_ body: ArraySlice<UInt8>) throws(EgressRefusal) {
        var reader = TLSFields(body)
        // The version of the message and the random.
        guard let version = reader.bytes(2), version.first == 3, reader.bytes(32) != nil,
            let session = reader.vector(1), session.count <= 32, let suites = reader.vector(2),
            suites.count >= 2, suites.count % 2 == 0, let compression = reader.vector(1),
            !compression.isEmpty
        else { throw Self.invalid }
        var name: [UInt8]?
        var isAmbiguous = false
        var isEncrypted = false
        if !reader.isAtEnd {
            guard let all = reader.vector(2), reader.isAtEnd else { throw Self.invalid }
            var extensions = TLSFields(all)
            var seen: Set<Int> = []
            while !extensions.isAtEnd {
                guard let type = extensions.number(2), let content = extensions.vector(2) else {
                    throw Self.invalid
                }
                if Self.encryptedTypes.contains(type) { isEncrypted = true }
                guard seen.insert(type).inserted else {
                    guard type == Self.serverNameType else { throw Self.invalid }
                    isAmbiguous = true
                    continue
                }
                guard type == Self.serverNameType else { continue }
                (name, isAmbiguous) = try Self.name(in: content)
            }
        }
        serverName = name
        self.isAmbiguous = isAmbiguous
        self.isEncrypted = isEncrypted
    }

    private static let invalid = EgressRefusal(.notTLS, "invalid ClientHello")

    private static func name(
        in content: ArraySlice<UInt8>
    ) throws(EgressRefusal) -> (name: [UInt8]?, isAmbiguous: Bool) {
        var reader = TLSFields(content)
        guard let list = reader.vector(2), reader.isAtEnd else { throw invalid }
        var names = TLSFields(list)
        var found: [[UInt8]] = []
        var isAmbiguous = false
        while !names.isAtEnd {
            guard let type = names.number(1), let name = names.vector(2) else { throw invalid }
            if type != 0 || !found.isEmpty { isAmbiguous = true }
            found.append(Array(name))
        }
        return (found.first, isAmbiguous)
    }

    /// INVARIANT: a hello is accepted only if its one server name is the host itself. Kept by `ClientHelloTests`.
    package func require(
        _ host: EgressHost, _ encryptedHello: EgressRule.EncryptedHello
    ) throws(EgressRefusal) {
        guard !isAmbiguous else {
            throw EgressRefusal(.sniMismatch, "the ClientHello names several servers")
        }
        guard let serverName, !serverName.isEmpty else {
            throw EgressRefusal(.noSNI, "the ClientHello names no server")
        }
        // Only the case of letters may differ: a final dot or another form of the name may be read in another way.
        let folded = serverName.map { (65...90).contains($0) ? $0 | 32 : $0 }
        guard host.isName, folded == host.nameBytes else {
            throw EgressRefusal(.sniMismatch, "the ClientHello names another server")
        }
        guard !isEncrypted || encryptedHello == .allow else {
            throw EgressRefusal(.ech, "the ClientHello has an encrypted part")
        }
    }
}

/// Takes numbers and vectors of TLS from bytes (RFC 8446, section 3).
struct TLSFields {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// - Returns: nil if there are fewer bytes.
    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A number of 1 or 2 bytes.
    mutating func number(_ count: Int) -> Int? {
        bytes(count)?.reduce(0) { $0 << 8 | Int($1) }
    }

    /// Bytes after their count, which has `size` bytes itself.
    mutating func vector(_ size: Int) -> ArraySlice<UInt8>? {
        guard let count = number(size) else { return nil }
        return bytes(count)
    }
}
