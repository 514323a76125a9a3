/// The fields of HTTP that only the next hop reads (RFC 9110, section 7.6.1), and those that the client of that hop
/// writes itself.
package enum ConnectionFields {
    /// - Parameter name: in lower case.
    package static func contains(_ name: String) -> Bool {
        [
            "connection", "content-length", "date", "expect", "host", "keep-alive", "te", "trailer",
            "transfer-encoding", "upgrade",
        ].contains { name.utf8.elementsEqual($0.utf8) } || name.hasPrefix("proxy-")
    }

    /// Returns true for a field that the server here writes for a stream of events.
    ///
    /// - Parameter name: in lower case.
    package static func isOfEvents(_ name: String) -> Bool {
        ["content-type", "cache-control", "x-accel-buffering"].contains {
            name.utf8.elementsEqual($0.utf8)
        }
    }
}
