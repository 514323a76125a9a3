/// Standard base64 with padding (RFC 4648, section 4). Strict: one text for each sequence of bytes.
enum Base64 {
    private static let symbols = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad = UInt8(ascii: "=")

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, symbol) in symbols.enumerated() { values[Int(symbol)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits =
                group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let value = Int(bits >> UInt32(18 - 6 * place) & 63)
                output.append(place <= group.count ? symbols[value] : pad)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// - Returns: nil for any text but the one that `encode` writes.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).count { $0 == pad }
        if padding == 2, text[text.endIndex - 1] != pad { return nil }
        if padding == 1, text[text.endIndex - 1] != pad { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for symbol in text.dropLast(padding) {
            let value = values[Int(symbol)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> held))
                bits &= (1 << held) - 1
            }
        }
        return bits == 0 ? output : nil
    }
}

/// Lower-case hex.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var output: [UInt8] = []
        var half: UInt8?
        for symbol in text {
            guard let value = digits.firstIndex(of: symbol) else { return nil }
            if let high = half {
                output.append(high << 4 | UInt8(value))
                half = nil
            } else {
                half = UInt8(value)
            }
        }
        return output
    }
}

/// Decimal numbers without sign and without leading zero.
enum Decimal {
    static func parse(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard (1...20).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0")
        else {
            return nil
        }
        var number: UInt64 = 0
        for symbol in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(symbol) else { return nil }
            let (tens, tooMany) = number.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = tens.addingReportingOverflow(UInt64(symbol - UInt8(ascii: "0")))
            guard !tooMany, !tooLarge else { return nil }
            number = sum
        }
        return number
    }
}

/// Octets that stand for text: names in notes, ids in records. Compared byte by byte, unlike `String`,
/// for which two spellings of one character are equal.
struct Octets: Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    init(_ text: String) { bytes = Array(text.utf8) }

    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Collection<UInt8> {
    func isText(_ text: StaticString) -> Bool {
        unsafe elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
