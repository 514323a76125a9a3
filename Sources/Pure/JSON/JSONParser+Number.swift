extension JSONValue {
    /// 2^53-1: the largest integer that every JSON reader keeps exactly (RFC 8259, section 6).
    package static let largestInteger: Int64 = 9_007_199_254_740_991
}

extension JSONParser {
    /// Parses the number that begins at `position` with a minus sign or a digit.
    mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        let start = position
        var index = start
        let negative = bytes[index] == UInt8(ascii: "-")
        if negative { index += 1 }

        let firstDigit = index
        var magnitude: UInt64 = 0
        index = endOfDigits(bytes, from: index, magnitude: &magnitude)
        let digits = index - firstDigit
        guard digits > 0 else { throw unexpected(bytes, at: index) }
        if digits > 1, bytes[firstDigit] == UInt8(ascii: "0") {
            throw JSONError(.syntax, offset: firstDigit + 1)
        }

        var spelledAsInteger = true
        var ignored: UInt64 = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            spelledAsInteger = false
            let end = endOfDigits(bytes, from: index + 1, magnitude: &ignored)
            guard end > index + 1 else { throw unexpected(bytes, at: end) }
            index = end
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            spelledAsInteger = false
            var place = index + 1
            if place < bytes.count,
                bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-")
            {
                place += 1
            }
            let end = endOfDigits(bytes, from: place, magnitude: &ignored)
            guard end > place else { throw unexpected(bytes, at: end) }
            index = end
        }

        position = index
        if spelledAsInteger, !(negative && magnitude == 0) {
            if digits <= 16, magnitude <= UInt64(JSONValue.largestInteger) {
                return .integer(negative ? -Int64(magnitude) : Int64(magnitude))
            }
            if limits.largeIntegers == .refuse { throw JSONError(.integerRange, offset: start) }
        }
        let number = try exactNumber(bytes, start..<index)
        if limits.largeIntegers == .refuse, number.hasNoCanonicalForm {
            throw JSONError(.integerRange, offset: start)
        }
        return .number(number)
    }

    /// Skips digits and accumulates their value. `magnitude` wraps beyond 19 digits; the caller uses it only for 16 or
    /// fewer.
    private func endOfDigits(
        _ bytes: Span<UInt8>, from start: Int, magnitude: inout UInt64
    ) -> Int {
        var index = start
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            magnitude = magnitude &* 10 &+ UInt64(digit)
            index += 1
        }
        return index
    }

    private func exactNumber(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(JSONError) -> JSONNumber {
        guard range.count <= JSONNumber.longest else {
            throw JSONError(.numberLength, offset: range.lowerBound)
        }
        // The grammar admits only ASCII characters in a number.
        let text = [UInt8](capacity: range.count) { output in
            for index in range { output.append(bytes[index]) }
        }
        let string = String(decoding: text, as: UTF8.self)
        guard let double = Double(string), double.isFinite else {
            throw JSONError(.numberRange, offset: range.lowerBound)
        }
        return JSONNumber(text: string, double: double)
    }
}
