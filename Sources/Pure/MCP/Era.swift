package import InterlockJSON

/// Which generation a request over HTTP speaks (specs of MCP, section 4). Nothing about the peer but
/// this request is looked at.
package enum Era: Sendable, Equatable {
    case legacy
    case modern

    package static let firstModernVersion = ProtocolVersion.modern.rawValue
    package static let versionKey = "io.modelcontextprotocol/protocolVersion"

    /// By the head alone, before the body is read.
    package static func names(modern versionHeader: String?) -> Bool {
        guard let versionHeader, isDate(versionHeader) else { return false }
        return versionHeader >= firstModernVersion
    }

    /// By head and body: `_meta` names a version, or the header names a modern one.
    package static func detect(versionHeader: String?, message: JSONValue) -> Era {
        if names(modern: versionHeader) { return .modern }
        return message["params"]?["_meta"]?[versionKey] == nil ? .legacy : .modern
    }

    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            place == 4 || place == 7
                ? byte == UInt8(ascii: "-")
                : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }
}
