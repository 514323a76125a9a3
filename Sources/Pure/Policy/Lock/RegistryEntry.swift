import InterlockJSON
package import InterlockModel

/// A registry's statement about one version of an MCP server (registry API v0.1: `docs/reference/api` of
/// `modelcontextprotocol/registry`). It can only take away: nothing of it is offered.
package struct RegistryEntry: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable { case active, deprecated, deleted }

    package let status: Status
    /// The reason in the publisher's words, which are not trusted.
    package let message: String?

    package static let largest = 1 << 20
    private static let official = "io.modelcontextprotocol.registry/official"

    /// - Throws: `badMember` if the entry is about another server or version, or states no status: silence
    ///   does not mean `active`.
    package init(parsing bytes: [UInt8], name: String, version: String) throws(FormError) {
        let root = try StrictFields.value(bytes, limit: Self.largest)
        guard root["server"]?["name"]?.string == name else {
            throw .badMember("server.name", "`\(name)`")
        }
        guard root["server"]?["version"]?.string == version else {
            throw .badMember("server.version", "`\(version)`")
        }
        let said = root["_meta"]?[Self.official]
        guard let status = said?["status"]?.string.flatMap(Status.init) else {
            throw .badMember(
                "_meta.\(Self.official).status",
                Status.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.status = status
        message = said?["statusMessage"]?.string.map { String($0.prefix(500)) }
    }

    /// The path of the version below a registry's address, for deleted versions too.
    ///
    /// - Parameters: the name and version as in a lock, so that only `/` and `+` need an escape.
    package static func path(name: String, version: String) -> String {
        func escaped(_ text: String) -> String {
            text.utf8.reduce(into: "") { path, byte in
                switch byte {
                case UInt8(ascii: "/"): path += "%2F"
                case UInt8(ascii: "+"): path += "%2B"
                default: path.unicodeScalars.append(Unicode.Scalar(byte))
                }
            }
        }
        return "/v0.1/servers/\(escaped(name))/versions/\(escaped(version))?include_deleted=true"
    }
}
