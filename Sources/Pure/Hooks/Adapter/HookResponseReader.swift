/// Reads the gateway's response to one event: HTTP/1.1, status 200, JSON of a stated length. Everything else is an error,
/// because an adapter that accepts more than the gateway sends can be deceived by more.
///
/// reading the head -> reading the body -> complete
package struct HookResponseReader: Sendable {
    /// The greatest size of a head.
    package static let headLimitBytes = 8 << 10

    private var bytes: [UInt8] = []
    /// The position and the length of the body, once the head is complete.
    private var body: (start: Int, count: Int)?

    package init() {}

    /// Takes the next bytes of the connection.
    ///
    /// - Returns: the body once it is complete, otherwise nil.
    package mutating func read(_ part: ArraySlice<UInt8>) throws(HookResponseError) -> [UInt8]? {
        bytes += part
        if body == nil { body = try head() }
        guard let (start, count) = body else { return nil }
        guard bytes.count <= start + count else { throw .malformed }
        return bytes.count == start + count ? Array(bytes[start...]) : nil
    }

    /// Returns nil until the empty line has arrived.
    private func head() throws(HookResponseError) -> (start: Int, count: Int)? {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var place = 0
        let end = min(bytes.count, Self.headLimitBytes)
        while place + 1 < end {
            guard bytes[place] == 0x0d, bytes[place + 1] == 0x0a else {
                place += 1
                continue
            }
            if place == start { return (place + 2, try Self.length(lines)) }
            lines.append(bytes[start..<place])
            place += 2
            start = place
        }
        guard bytes.count < Self.headLimitBytes else { throw .malformed }
        return nil
    }

    private static func length(_ lines: [ArraySlice<UInt8>]) throws(HookResponseError) -> Int {
        guard let first = lines.first else { throw .malformed }
        try checkStatus(first)
        var length: Int?
        var isJSON = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw .malformed
            }
            let name = line[..<colon].map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
            let value = line[(colon + 1)...].drop { $0 == 0x20 }
            if name.elementsEqual("content-length".utf8) {
                guard length == nil, let count = number(value) else { throw .malformed }
                length = count
            } else if name.elementsEqual("content-type".utf8) {
                isJSON = value.starts(with: "application/json".utf8)
            } else if name.elementsEqual("transfer-encoding".utf8) {
                throw .malformed
            }
        }
        guard isJSON, let length, length <= HookLimits.wireBytes else { throw .malformed }
        return length
    }

    private static func checkStatus(_ line: ArraySlice<UInt8>) throws(HookResponseError) {
        let prefix = "HTTP/1.1 ".utf8
        guard line.starts(with: prefix) else { throw .malformed }
        let rest = line.dropFirst(prefix.count)
        guard rest.count >= 4, rest.dropFirst(3).first == 0x20, let status = number(rest.prefix(3))
        else { throw .malformed }
        guard status == 200 else { throw .status(status) }
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        guard (1...8).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

/// The reason why a response is not a verdict's.
package enum HookResponseError: Error, Hashable, Sendable {
    /// Another status than 200.
    case status(Int)
    case malformed
}
