import CLinux

// The character classes of RFC 9110 as bit sets, and operations on byte spans for the parsers.

/// A set of ASCII characters in 128 bits.
struct ASCIISet {
    private let low: UInt64
    private let high: UInt64

    init(_ members: some Sequence<UInt8>) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for member in members {
            if member < 64 { low |= 1 << UInt64(member) } else { high |= 1 << UInt64(member - 64) }
        }
        self.low = low
        self.high = high
    }

    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
        return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }
}

enum HTTPBytes {
    static let cr: UInt8 = 13
    static let lf: UInt8 = 10
    static let space: UInt8 = 32
    static let tab: UInt8 = 9
    static let colon: UInt8 = 58

    /// RFC 9110, section 5.6.2.
    static let token = ASCIISet(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Field values: visible ASCII, space and tab. Bytes above 0x7f (obs-text) are rejected.
    static func isValue(_ byte: UInt8) -> Bool { (byte >= 32 && byte < 127) || byte == tab }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// Request targets: visible ASCII except `#`.
    static func isTarget(_ byte: UInt8) -> Bool { byte > 32 && byte < 127 && byte != 35 }

    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// Returns the first position of `byte` at or after `start`.
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count else { return nil }
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                let hit = unsafe memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
        }
    }

    func string(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer {
            unsafe String(decoding: $0, as: UTF8.self)
        }
    }

    /// The range as a string, with ASCII letters in lower case.
    func lowercased(_ range: Range<Int>) -> String {
        unsafe String(unsafeUninitializedCapacity: range.count) { output in
            for index in 0..<range.count {
                let byte = self[range.lowerBound + index]
                unsafe output[index] = byte >= 65 && byte <= 90 ? byte | 32 : byte
            }
            return range.count
        }
    }

    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    func append(_ range: Range<Int>, to array: inout [UInt8]) {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }

    func equals(_ other: [UInt8], at range: Range<Int>) -> Bool {
        guard range.count == other.count else { return false }
        return unsafe extracting(range).withUnsafeBufferPointer { mine in
            unsafe other.withUnsafeBufferPointer { theirs in
                guard let a = mine.baseAddress, let b = theirs.baseAddress else { return true }
                return unsafe memcmp(a, b, mine.count) == 0
            }
        }
    }
}
