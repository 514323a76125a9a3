import InterlockJSON

/// One server-sent event.
package struct SSEEvent: Sendable, Equatable {
    /// The event type; `message` unless the stream names one.
    package var name: String
    package var id: String?
    /// The data lines, joined by newlines. They are not yet validated as UTF-8.
    package var data: [UInt8]

    package init(name: String = "message", id: String? = nil, data: [UInt8]) {
        self.name = name
        self.id = id
        self.data = data
    }
}

package enum SSEError: Error, Sendable, Equatable {
    /// An event exceeds the limit.
    case eventTooLarge
}

/// Parses an event stream incrementally, in pieces of any size (WHATWG HTML, section 9.2.6). The parser must not be
/// used after an error.
package struct SSEParser: Sendable {
    package static let maximumEventBytes = 4 << 20

    private let limitBytes: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var lastID: String?
    private var eventBytes = 0
    private var afterReturn = false
    private var atStart = true

    package init(limitBytes: Int = SSEParser.maximumEventBytes) { self.limitBytes = limitBytes }

    /// The position from which a broken stream can be resumed: the id of the last complete event, or nil if the stream
    /// has named none.
    package private(set) var lastEventID: String?

    /// The time to wait before reconnecting, in milliseconds, or nil if the stream has named none.
    package private(set) var retryMilliseconds: Int?

    /// - Returns: the events that these bytes complete.
    package mutating func feed(_ bytes: [UInt8]) throws(SSEError) -> [SSEEvent] {
        Steps.count(bytes.count)
        var events: [SSEEvent] = []
        for byte in bytes {
            let isReturnNewline = afterReturn && byte == UInt8(ascii: "\n")
            afterReturn = byte == UInt8(ascii: "\r")
            if isReturnNewline { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let event = endLine() { events.append(event) }
                continue
            }
            // Comments also count: an endless line must not fill the memory.
            eventBytes += 1
            guard eventBytes <= limitBytes else { throw .eventTooLarge }
            line.append(byte)
        }
        return events
    }

    private mutating func endLine() -> SSEEvent? {
        Steps.count(line.count)
        defer { line.removeAll(keepingCapacity: true) }
        if atStart {
            atStart = false
            if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        }
        if line.isEmpty { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch Field(line[..<colon]) {
        case .data:
            if hasData { data.append(UInt8(ascii: "\n")) }
            hasData = true
            data.append(contentsOf: value)
        case .event: name = String(decoding: value, as: UTF8.self)
        case .id where !value.contains(0): lastID = String(decoding: value, as: UTF8.self)
        case .retry:
            if let number = Int(String(decoding: value, as: UTF8.self)), number >= 0 {
                retryMilliseconds = number
            }
        case .id, nil: eventBytes -= line.count  // comments and unknown fields free their bytes
        }
        return nil
    }

    /// Field names, matched by bytes: comparing strings takes quadratic time for a line of combining marks.
    private enum Field: String, CaseIterable {
        case data, event, id, retry

        init?(_ name: ArraySlice<UInt8>) {
            let field = Self.allCases.first { name.elementsEqual($0.rawValue.utf8) }
            guard let field else { return nil }
            self = field
        }
    }

    /// Ends an event. An event without data is not returned, but its id applies to the next one (the priming event of
    /// 2025-11-25).
    private mutating func endEvent() -> SSEEvent? {
        defer {
            data = []
            hasData = false
            name = ""
            eventBytes = 0
        }
        lastEventID = lastID
        guard hasData else { return nil }
        return SSEEvent(name: name.isEmpty ? "message" : name, id: lastID, data: data)
    }
}

extension SSEEvent {
    /// Returns an event without data that gives a client a resumption point and a reconnection time (2025-11-25).
    package static func priming(_ id: EventID, retryMilliseconds: Int) -> [UInt8] {
        Array("id: \(id)\nretry: \(retryMilliseconds)\ndata: \n\n".utf8)
    }

    /// Encodes the event with its empty line. A line break in the data starts another data line; in an id or name, it
    /// ends the text.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.count + 32)
        if let id {
            Self.append("id", id.utf8.prefix { !Self.isBreak($0) && $0 != 0 }, to: &output)
        }
        Self.append("event", name.utf8.prefix { !Self.isBreak($0) }, to: &output)
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: Self.isBreak) {
            Self.append("data", line, to: &output)
        }
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private static func isBreak(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private static func append(
        _ field: String, _ value: some Sequence<UInt8>, to output: inout [UInt8]
    ) {
        output.append(contentsOf: field.utf8)
        output.append(contentsOf: ": ".utf8)
        output.append(contentsOf: value)
        output.append(UInt8(ascii: "\n"))
    }
}
