/// Standard base64 with padding (RFC 4648, section 4). Strict: each sequence of bytes has exactly one text.
enum Base64 {
    private static let symbols = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values = inverse(of: symbols)
    private static let pad = UInt8(ascii: "=")

    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                output.append(place <= group.count ? symbols[bits >> (18 - 6 * place) & 63] : pad)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// - Returns: nil unless the text is exactly the one that `encode` writes.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.last != pad ? 0 : text.dropLast().last != pad ? 1 : 2
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var bits = 0
        var held = 0
        for symbol in text.dropLast(padding) {
            guard values[Int(symbol)] < 64 else { return nil }
            bits = bits << 6 | Int(values[Int(symbol)])
            held += 6
            if held >= 8 {
                held -= 8
                output.append(UInt8(bits >> held))
                bits &= 1 << held - 1
            }
        }
        return bits == 0 ? output : nil
    }

    /// Decodes the URL alphabet without padding (RFC 4648, section 5).
    static func decodeURL(_ text: [UInt8]) -> [UInt8]? {
        guard !text.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let standard = text.map {
            $0 == UInt8(ascii: "-") ? 0x2b : $0 == UInt8(ascii: "_") ? 0x2f : $0
        }
        return decode((standard + [UInt8](repeating: pad, count: (4 - text.count % 4) % 4))[...])
    }
}

/// Lower-case hex.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)
    private static let values = inverse(of: digits)

    static func encode(_ bytes: [UInt8]) -> String {
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let halves = text.map { values[Int($0)] }
        guard halves.count % 2 == 0, halves.allSatisfy({ $0 < 16 }) else { return nil }
        return stride(from: 0, to: halves.count, by: 2).map { halves[$0] << 4 | halves[$0 + 1] }
    }
}

/// Returns the position of each byte among the symbols, or 255 if it is not a symbol.
func inverse(of symbols: [UInt8]) -> [UInt8] {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, symbol) in symbols.enumerated() { values[Int(symbol)] = UInt8(value) }
    return values
}

/// Decimal numbers without sign and without leading zero.
enum Decimal {
    static func parse(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard (1...20).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0"),
            text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(String(decoding: text, as: UTF8.self))
    }
}

/// Bytes that represent text: names in notes, ids in records. Compared byte by byte, unlike `String`, for which two
/// spellings of one character are equal.
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
