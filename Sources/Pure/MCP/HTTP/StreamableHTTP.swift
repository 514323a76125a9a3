/// What the head of a request must say before its body is read (specs of MCP, section 10).
package enum StreamableHTTP {
    package static let json = "application/json"
    package static let eventStream = "text/event-stream"
    package static let sessionHeader = "mcp-session-id"
    package static let lastEventHeader = "last-event-id"
    package static let versionHeader = "mcp-protocol-version"
    /// The routing headers of the modern era, which repeat what the body says.
    package static let methodHeader = "mcp-method"
    package static let nameHeader = "mcp-name"
    package static let parameterPrefix = "mcp-param-"

    /// - Parameters: the first value of each header, nil when absent.
    package static func checkPost(
        contentType: String?, accept: String?
    ) throws(HTTPRefusal) {
        // Nearly every client writes just these two.
        if contentType == json, accept == "application/json, text/event-stream" { return }
        guard let contentType, mediaType(contentType) == json else {
            throw HTTPRefusal(415, "the content type must be application/json")
        }
        let accepted = AcceptedTypes(accept ?? "")
        guard accepted.admits(json), accepted.admits(eventStream) else {
            throw HTTPRefusal(
                406, "accept must admit both application/json and text/event-stream")
        }
    }

    package static func checkGet(accept: String?) throws(HTTPRefusal) {
        guard AcceptedTypes(accept ?? "").admits(eventStream) else {
            throw HTTPRefusal(406, "accept must admit text/event-stream")
        }
    }

    /// The version a legacy request speaks. The session's version wins over the header, which must be
    /// a known one if it is there.
    ///
    /// - Precondition: `Era.names(modern:)` said no.
    package static func version(
        header: String?, session: ProtocolVersion?
    ) throws(HTTPRefusal) -> ProtocolVersion {
        guard let header else { return session ?? .assumedWithoutHeader }
        guard let named = ProtocolVersion(legacy: header) else {
            throw HTTPRefusal(400, "unknown protocol version `\(shortened(header))`")
        }
        return session ?? named
    }
}

/// `type/subtype` in lower case, parameters cut off.
private func mediaType(_ text: some StringProtocol) -> String {
    let type = text.prefix { $0 != ";" }
    return String(trimmed(type)).lowercased()
}

private func trimmed(_ text: some StringProtocol) -> some StringProtocol {
    let start = text.drop { $0 == " " || $0 == "\t" }
    var end = start[...]
    while let last = end.last, last == " " || last == "\t" { end.removeLast() }
    return end
}

/// The media ranges of an Accept header with a weight above zero.
private struct AcceptedTypes {
    /// More than any client sends; what follows is not looked at.
    static let maximumRanges = 32
    private var ranges: [(type: String, isAdmitted: Bool)] = []

    init(_ header: String) {
        for range in header.split(separator: ",").prefix(Self.maximumRanges) {
            let parameters = range.split(separator: ";").dropFirst()
            let isRefused = parameters.contains { parameter in
                let pair = parameter.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, trimmed(pair[0]) == "q" || trimmed(pair[0]) == "Q" else {
                    return false
                }
                return (Double(String(trimmed(pair[1]))) ?? 0) <= 0
            }
            ranges.append((mediaType(range), !isRefused))
        }
    }

    /// The most specific range decides (RFC 9110, section 12.5.1).
    func admits(_ type: String) -> Bool {
        let family = type.prefix { $0 != "/" } + "/*"
        for wanted in [type, String(family), "*/*"] {
            if let range = ranges.first(where: { $0.type == wanted }) { return range.isAdmitted }
        }
        return false
    }
}
