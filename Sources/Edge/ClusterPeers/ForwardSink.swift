import InterlockPorts
import Synchronization

/// Passes the response of another node on to the exchange of an agent: a whole response at its end, and an event stream
/// event by event, since comments of this node's own may come between events alone.
final class ForwardSink: ResponseSink {
    private enum State {
        /// -> refused, whole, streaming
        case open
        /// The node has not handled the request, by its status, or does not serve the run (nil).
        case refused(status: Int?)
        /// -> tooLarge
        case whole(HTTPResponse)
        case streaming(EventPieces)
        case tooLarge
    }

    private let state = Mutex(State.open)
    private let exchange: any Exchange
    private let control: StreamControl
    private let mostBytes: Int

    /// - Parameters:
    ///   - control: cancels the request if the response is too large.
    ///   - mostBytes: the bytes of a whole response, and of one event.
    init(_ exchange: any Exchange, _ control: StreamControl, mostBytes: Int) {
        self.exchange = exchange
        self.control = control
        self.mostBytes = mostBytes
    }

    func begin(status: Int, headers: [(name: String, value: String)]) {
        let mark = headers.first { $0.name == HTTPResponse.forwardedHeader }?.value
        let type = headers.first { $0.name == "content-type" }?.value
        let own = headers.filter { !Self.isOfConnection($0.name) }
        let isStream = mark == "answer" && status == 200 && type == "text/event-stream"
        state.withLock { state in
            switch mark {
            case "answer" where isStream: state = .streaming(EventPieces())
            case "answer": state = .whole(HTTPResponse(status: status, headers: own))
            case "not-mine": state = .refused(status: nil)
            default: state = .refused(status: status)
            }
        }
        guard isStream else { return }
        exchange.startEvents(headers: own.filter { !Self.isOfStream($0.name) })
    }

    func receive(_ bytes: [UInt8]) {
        let (events, isTooLarge) = state.withLock { state -> ([UInt8], Bool) in
            switch state {
            case .open, .refused, .tooLarge: return ([], false)
            case .whole(var response):
                guard response.body.count + bytes.count <= mostBytes else {
                    state = .tooLarge
                    return ([], true)
                }
                state = .open
                response.body += bytes
                state = .whole(response)
                return ([], false)
            case .streaming(var pieces):
                state = .open
                let events = pieces.take(bytes)
                state = .streaming(pieces)
                return (events, pieces.count > mostBytes)
            }
        }
        if !events.isEmpty { exchange.send(event: events) }
        if isTooLarge { control.cancel() }
    }

    /// Completes the exchange if the response is there.
    func finish(_ end: StreamEnd, hasClientLeft: Bool) -> ForwardResult {
        switch (state.withLock { $0 }, end) {
        case (.refused(status: nil), _): return .notMine
        // The transport answers 500 for a handler that did not answer.
        case (.refused(status: .some(let status)), _): return .lost(wasSent: status == 500)
        case (.whole(let response), .complete):
            exchange.respond(response)
            return .answered
        case (.streaming, .complete):
            exchange.endEvents()
            return .answered
        case (.streaming, .failed):
            guard hasClientLeft else { return .broken }
            exchange.endEvents()
            return .answered
        case (.whole, .failed), (.tooLarge, _), (.open, .complete):
            return hasClientLeft ? .answered : .lost(wasSent: true)
        case (.open, .failed(let wasSent, _)):
            return hasClientLeft ? .answered : .lost(wasSent: wasSent)
        }
    }

    /// Returns true for fields that the transport of each connection writes itself, and the mark of this response.
    private static func isOfConnection(_ name: String) -> Bool {
        switch name {
        case "connection", "content-length", "date", "keep-alive", "transfer-encoding",
            HTTPResponse.forwardedHeader:
            true
        default: false
        }
    }

    /// Returns true for the fields of each event stream.
    private static func isOfStream(_ name: String) -> Bool {
        switch name {
        case "content-type", "cache-control", "x-accel-buffering": true
        default: false
        }
    }
}

/// The bytes of an event stream that do not end an event yet. A value type.
struct EventPieces {
    private var bytes: [UInt8] = []
    /// The bytes that were searched for the end of an event.
    private var searched = 0

    /// The number of bytes that wait for the end of their event.
    var count: Int { bytes.count }

    /// Returns the whole events that there are now: each ends with an empty line, as nodes write it.
    mutating func take(_ new: [UInt8]) -> [UInt8] {
        bytes += new
        var end = 0
        var place = max(searched, 1)
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\n"), bytes[place - 1] == UInt8(ascii: "\n") {
                end = place + 1
            }
            place += 1
        }
        let events = Array(bytes[..<end])
        bytes.removeFirst(end)
        searched = bytes.count
        return events
    }
}
