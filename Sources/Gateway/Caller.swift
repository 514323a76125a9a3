import InterlockMCP
import InterlockModel

/// The one request that is being answered: its exchange and, once parsed, its place in the protocol.
/// Lives on the connection's loop.
final class Caller {
    let exchange: any Exchange
    /// The version that the caller speaks: that of its session or, in the modern era, of its request.
    var version = ProtocolVersion.newest
    /// nil in the modern era, and before `initialize`.
    var session: SessionID?
    /// A batch is answered as one array, so nothing of it can stream.
    var mayStream = true
    private(set) var isStreaming = false

    init(exchange: any Exchange) { self.exchange = exchange }

    /// From here on the status is fixed and the answer is the stream's last event.
    func startStream() {
        guard mayStream, !isStreaming else { return }
        isStreaming = true
        exchange.startEvents(headers: [])
    }

    /// Sends one JSON-RPC message as the whole answer, or as the end of the stream.
    func deliver(
        _ message: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []
    ) {
        guard isStreaming else {
            exchange.respond(
                HTTPResponse(
                    status: status, headers: [("content-type", StreamableHTTP.json)] + headers,
                    body: message))
            return
        }
        exchange.send(event: SSEEvent(data: message).encoded())
        exchange.endEvents()
    }
}
