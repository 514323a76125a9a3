extension JSONParser {
    /// Parses the string whose opening quote is at `position`.
    mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        let start = position + 1
        let end = bytes.firstEscape(from: start)
        guard end < bytes.count else { throw JSONError(.unexpectedEnd, offset: end) }
        switch bytes[end] {
        case UInt8(ascii: "\""):
            position = end + 1
            return try bounded(text(bytes, start..<end), at: start)
        case UInt8(ascii: "\\"): return try escapedString(bytes, from: start, firstEscape: end)
        default: throw JSONError(.syntax, offset: end)
        }
    }

    private func text(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(JSONError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw JSONError(.invalidUTF8, offset: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private func bounded(_ text: String, at offset: Int) throws(JSONError) -> String {
        guard !CombiningRun.isTooLong(in: text) else { throw JSONError(.marks, offset: offset) }
        return text
    }

    private mutating func escapedString(
        _ bytes: Span<UInt8>, from start: Int, firstEscape: Int
    ) throws(JSONError) -> String {
        var decoded: [UInt8] = []
        try append(bytes, start..<firstEscape, to: &decoded)
        var index = firstEscape
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                position = index + 1
                return try bounded(text(decoded.span, 0..<decoded.count), at: start)
            case UInt8(ascii: "\\"):
                let scalar = try escape(bytes, at: &index)
                if scalar.isASCII {
                    decoded.append(UInt8(truncatingIfNeeded: scalar.value))
                } else {
                    decoded.append(contentsOf: String(scalar).utf8)
                }
            case 0..<0x20:
                throw JSONError(.syntax, offset: index)
            default:
                let run = index
                index = bytes.firstEscape(from: run)
                try append(bytes, run..<index, to: &decoded)
            }
        }
        throw JSONError(.unexpectedEnd, offset: index)
    }

    private func append(
        _ bytes: Span<UInt8>, _ range: Range<Int>, to decoded: inout [UInt8]
    ) throws(JSONError) {
        do { _ = try UTF8Span(validating: bytes.extracting(range)) } catch {
            throw JSONError(.invalidUTF8, offset: range.lowerBound + error.byteOffsets.lowerBound)
        }
        decoded.append(addingCapacity: range.count) { output in
            for index in range { output.append(bytes[index]) }
        }
    }

    /// Decodes the escape whose backslash is at `index`, and moves `index` past the escape.
    private func escape(
        _ bytes: Span<UInt8>, at index: inout Int
    ) throws(JSONError) -> Unicode.Scalar {
        let start = index
        guard index + 1 < bytes.count else {
            throw JSONError(.unexpectedEnd, offset: bytes.count)
        }
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(.syntax, offset: start + 1)
        }
        let unit = try hexUnit(bytes, at: &index)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // The only units that are not scalars are surrogates: a high one must precede a low one.
        guard unit < 0xdc00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, offset: start) }
        index += 2
        let low = try hexUnit(bytes, at: &index)
        guard (0xdc00...0xdfff).contains(low),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
        else { throw JSONError(.loneSurrogate, offset: start) }
        return scalar
    }

    private func hexUnit(_ bytes: Span<UInt8>, at index: inout Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw JSONError(.unexpectedEnd, offset: index) }
            let digit: UInt8
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                digit = bytes[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = bytes[index] - UInt8(ascii: "A") + 10
            default: throw JSONError(.syntax, offset: index)
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
