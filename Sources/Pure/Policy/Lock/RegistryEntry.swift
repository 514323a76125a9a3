import InterlockJSON
package import InterlockModel

/// What a registry of MCP servers says of one version (registry API v0.1: `docs/reference/api` of
/// `modelcontextprotocol/registry`). It can only take away: nothing of it is offered.
package struct RegistryEntry: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable {
        case active, deprecated, deleted
    }

    package let status: Status
    /// Why, in the publisher's words; not to be believed.
    package let message: String?

    package static let largest = 1 << 20
    private static let official = "io.modelcontextprotocol.registry/official"

    /// - Throws: `badMember` when it is of another server or version, or says no status: silence is not
    ///   `active`.
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

    /// Where the version stands, below a registry's address. Deleted ones are asked for too.
    ///
    /// - Parameters: as a lock has them, so that only `/` and `+` need an escape.
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
