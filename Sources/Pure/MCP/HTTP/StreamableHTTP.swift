/// Checks the head of a request before its body is read (docs/specs/mcp.md, section 10).
package enum StreamableHTTP {
    package static let json = "application/json"
    package static let eventStream = "text/event-stream"
    /// The value of `Accept` of a client that sends messages.
    package static let accept = "application/json, text/event-stream"
    package static let sessionHeader = "mcp-session-id"
    package static let lastEventHeader = "last-event-id"
    package static let versionHeader = "mcp-protocol-version"
    /// The routing headers of the modern era, which repeat values of the body.
    package static let methodHeader = "mcp-method"
    package static let nameHeader = "mcp-name"
    package static let parameterPrefix = "mcp-param-"

    /// - Parameters: the first value of each header, or nil if it is absent.
    package static func checkPost(contentType: String?, accept: String?) throws(HTTPRefusal) {
        // The fast path: nearly every client sends exactly these two values.
        if contentType == json, accept == Self.accept { return }
        guard let contentType, mediaType(contentType) == json else {
            throw HTTPRefusal(415, "the content type must be application/json")
        }
        let accepted = AcceptedTypes(accept ?? "")
        guard accepted.admits(json), accepted.admits(eventStream) else {
            throw HTTPRefusal(406, "accept must admit both application/json and text/event-stream")
        }
    }

    package static func checkGet(accept: String?) throws(HTTPRefusal) {
        guard AcceptedTypes(accept ?? "").admits(eventStream) else {
            throw HTTPRefusal(406, "accept must admit text/event-stream")
        }
    }

    /// Returns the version of a legacy request. The session's version takes precedence over the header, which must name
    /// a known version if present.
    ///
    /// - Precondition: `Era.names(modern:)` returned false for the header.
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

/// Returns `type/subtype` in lower case, without parameters.
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

/// The media ranges of an Accept header, with whether each has a weight above zero.
private struct AcceptedTypes {
    /// The maximum number of ranges, more than any client sends; further ranges are ignored.
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

    /// Returns true if the type is admitted. The most specific range decides (RFC 9110, section 12.5.1).
    func admits(_ type: String) -> Bool {
        let family = type.prefix { $0 != "/" } + "/*"
        for wanted in [type, String(family), "*/*"] {
            if let range = ranges.first(where: { $0.type == wanted }) { return range.isAdmitted }
        }
        return false
    }
}
