import CZlib
import InterlockModel
import InterlockSafety

/// An encoding by which a value is hidden from a search of raw text.
enum TextEncoding: String, CaseIterable, Sendable {
    case base64, base64url
    /// Three letters of the alphabet are before the encoded value.
    case shiftedBase64
    case hexadecimal, upperHexadecimal
    /// Each byte, or only those that are no letters and digits.
    case percent, somePercent
    /// `\u0041`, `\x41`, `&#65;`, `&#x41;`.
    case unicode, bytes, decimalReferences, references
    case gzip, zlib, deflate

    static let compressing: [TextEncoding] = [.gzip, .zlib, .deflate]
    static let texts = allCases.filter { !compressing.contains($0) }

    func encode(_ value: [UInt8]) -> [UInt8] {
        switch self {
        case .base64: Array(Base64.encode(value).utf8)
        case .base64url: Array(Base64.encodeURL(value).utf8)
        case .shiftedBase64: Array("xyz".utf8) + Array(Base64.encode(value).utf8)
        case .hexadecimal: Array(Hex.encode(value).utf8)
        case .upperHexadecimal: Array(Hex.encode(value).uppercased().utf8)
        case .percent: Self.each(value) { "%" + Hex.encode([$0]) }
        case .somePercent: Self.each(value) { Self.isPlain($0) ? nil : "%" + Hex.encode([$0]) }
        case .unicode: Self.each(value) { "\\u00" + Hex.encode([$0]) }
        case .bytes: Self.each(value) { "\\x" + Hex.encode([$0]) }
        case .decimalReferences: Self.each(value) { "&#\($0);" }
        case .references: Self.each(value) { "&#x" + Hex.encode([$0]) + ";" }
        case .gzip: Self.gzip(value)
        case .zlib: Self.zlib(value)
        case .deflate: Array(Self.zlib(value).dropFirst(2).dropLast(4))
        }
    }

    private static func each(_ value: [UInt8], _ encode: (UInt8) -> String?) -> [UInt8] {
        value.flatMap { byte in encode(byte).map { Array($0.utf8) } ?? [byte] }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private static func gzip(_ value: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: value.count + 1024) { room, count in
            count = unsafe interlock_gzip(value, value.count, room.baseAddress, room.count)
        }
    }

    private static func zlib(_ value: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: value.count + 1024) { room, count in
            var size = uLongf(room.count)
            let result = unsafe compress2(
                room.baseAddress, &size, value, uLong(value.count), Z_BEST_COMPRESSION)
            count = result == Z_OK ? Int(size) : 0
        }
    }
}
