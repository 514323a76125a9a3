/// Reads one request head of the HTTP listener, from bytes in any pieces (RFC 9112, sections 3 and 5; RFC 9110,
/// section 9.3.6).
///
/// Stricter than the RFC: CRLF only, no folding, no bytes outside visible ASCII, one space where the grammar has one.
package struct ProxyHeadReader: Sendable {
    package static let limitBytes = 16 * 1024
    static let mostFields = 100

    private var bytes: [UInt8] = []
    /// No line ends before this position.
    private var searched = 0
    private var lineStart = 0

    package init() {}

    /// The request and the bytes after its head.
    package struct Reading: Equatable, Sendable {
        package let request: ProxyRequest
        /// The head as it was received; that of a request to one of the proxy's own routes is in origin form.
        package let head: [UInt8]
        package let rest: [UInt8]
        /// The value of `Proxy-Authorization`, or nil if there is none.
        package var authorization: [UInt8]?
    }

    /// - Returns: nil if more bytes are needed. Must not be called again after a result.
    package mutating func read(
        _ piece: some Sequence<UInt8>
    ) throws(EgressRefusal) -> Reading? {
        bytes.append(contentsOf: piece)
        while searched < bytes.count {
            defer { searched += 1 }
            guard searched < Self.limitBytes else { break }
            guard bytes[searched] == 10 else { continue }
            guard searched > 0, bytes[searched - 1] == 13 else {
                throw EgressRefusal(.badRequest, "line feed alone")
            }
            if searched == lineStart + 1 {
                let end = searched + 1
                let received = Array(bytes[..<end])
                let head = try ProxyHead(received)
                let request = try head.request()
                var sent = received
                if case .own = request { sent = try head.ownHead(received: received) }
                return Reading(
                    request: request, head: sent, rest: Array(bytes[end...]),
                    authorization: try head.authorization())
            }
            lineStart = searched + 1
        }
        guard bytes.count < Self.limitBytes else {
            throw EgressRefusal(.limit, "the request head is above \(Self.limitBytes) bytes")
        }
        return nil
    }
}
