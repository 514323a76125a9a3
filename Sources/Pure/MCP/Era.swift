package import InterlockJSON
import InterlockModel

/// The era of the protocol that an HTTP request uses (docs/specs/mcp.md, section 4). It is determined from this request
/// alone.
///
/// INVARIANT: a client of each version of MCP can do with each server what both can, and sees no field that its
/// version does not know. Kept by `test_matrix.py`.
package enum Era: Sendable, Equatable {
    case legacy
    case modern

    package static let firstModernVersion = ProtocolVersion.modern.rawValue
    package static let versionKey = "io.modelcontextprotocol/protocolVersion"

    /// Returns true if the header names a modern version, so that the era is known before the body is read.
    package static func names(modern versionHeader: String?) -> Bool {
        guard let versionHeader, isDate(versionHeader) else { return false }
        return versionHeader >= firstModernVersion
    }

    /// Determines the era from head and body: modern if the header names a modern version or `_meta` names any version.
    package static func detect(versionHeader: String?, message: JSONValue) -> Era {
        if names(modern: versionHeader) { return .modern }
        return message["params"]?["_meta"]?[versionKey] == nil ? .legacy : .modern
    }

    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            place == 4 || place == 7 ? byte == UInt8(ascii: "-") : isDigit(byte)
        }
    }
}
