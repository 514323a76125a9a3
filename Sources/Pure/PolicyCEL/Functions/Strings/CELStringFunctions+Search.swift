/// Functions that search a text or select a part of it.
extension CELStringFunctions {
    /// Returns one code point, or an empty string at the very end.
    static let charAt: CELFunction.Binary = { text, place, budget throws(CELFault) in
        let text = try CodePoints(text.string(), &budget)
        let place = try text.place(place.int())
        return .string(text[place..<min(place + 1, text.count)])
    }

    static let substring: CELFunction.Body = { arguments, budget throws(CELFault) in
        let text = try CodePoints(arguments[0].string(), &budget)
        let start = try text.place(arguments[1].int())
        let end = arguments.count > 2 ? try text.place(arguments[2].int()) : text.count
        guard start <= end else { throw CELFault(.index, "\(start), \(end)") }
        return .string(text[start..<end])
    }

    /// Returns the position of the first match at or after the given position, or -1 if there is no match.
    /// An empty text matches at the given position.
    static let indexOf: CELFunction.Body = { arguments, budget throws(CELFault) in
        let text = try CodePoints(arguments[0].string(), &budget)
        let wanted = try arguments[1].string()
        let start = arguments.count > 2 ? try text.place(arguments[2].int()) : 0
        guard !wanted.isEmpty else { return .int(Int64(start)) }
        try budget.spend(bytes: wanted.utf8.count)
        let search = TextSearch(wanted.utf8.span)
        let found = search.first(in: text.bytes.span, from: text.byte(start))
        return .int(found.map { Int64(text.place(ofByte: $0)) } ?? -1)
    }

    /// Returns the position of the last match that begins at or before the given position, or -1 if there
    /// is no match. An empty text matches at the given position.
    static let lastIndexOf: CELFunction.Body = { arguments, budget throws(CELFault) in
        let text = try CodePoints(arguments[0].string(), &budget)
        let wanted = try arguments[1].string()
        let end = arguments.count > 2 ? try text.place(arguments[2].int()) : text.count
        guard !wanted.isEmpty else { return .int(Int64(end)) }
        try budget.spend(bytes: wanted.utf8.count)
        let search = TextSearch(wanted.utf8.span)
        let found = search.last(in: text.bytes.span, upTo: text.byte(end))
        return .int(found.map { Int64(text.place(ofByte: $0)) } ?? -1)
    }
}

/// A text with numbered code points.
struct CodePoints {
    let bytes: [UInt8]
    let count: Int

    /// - Throws: `budget`: 1 step per 16 bytes.
    init(_ text: String, _ budget: inout CELBudget) throws(CELFault) {
        try budget.spend(bytes: text.utf8.count)
        bytes = Array(text.utf8)
        count = bytes.count(where: Self.isFirst)
    }

    /// Converts an argument to a position: that of a code point, or the end.
    ///
    /// - Throws: `index` for any other number.
    func place(_ number: Int64) throws(CELFault) -> Int {
        guard let place = Int(exactly: number), (0...count).contains(place) else {
            throw CELFault(.index, String(number))
        }
        return place
    }

    /// The byte at which a code point begins, or the end for `count`.
    func byte(_ place: Int) -> Int {
        // Positions in ASCII text are byte offsets.
        guard count != bytes.count else { return place }
        var left = place
        for (byte, value) in bytes.enumerated() where Self.isFirst(value) {
            if left == 0 { return byte }
            left -= 1
        }
        return bytes.count
    }

    func place(ofByte byte: Int) -> Int {
        count == bytes.count ? byte : bytes[..<byte].count(where: Self.isFirst)
    }

    subscript(range: Range<Int>) -> String {
        let start = byte(range.lowerBound)
        let end = byte(range.upperBound)
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Returns true if a byte of UTF-8 begins a code point.
    static func isFirst(_ byte: UInt8) -> Bool { byte & 0xc0 != 0x80 }
}
