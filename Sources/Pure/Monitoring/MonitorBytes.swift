/// The encoding of the learned state across processes: little-endian, without names, at most `most` bytes for one
/// agent.
struct MonitorBytes {
    private(set) var bytes: [UInt8] = []

    /// The most bytes for one agent.
    static let most = 16_384
    static let version: UInt8 = 1

    mutating func put(_ value: UInt8) { bytes.append(value) }

    mutating func put(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func put(_ value: Float) { put(value.bitPattern) }

    mutating func put(_ value: Double) { put(value.bitPattern) }

    private mutating func put<Bits: FixedWidthInteger>(_ bits: Bits) {
        for byte in 0..<(Bits.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> Bits(8 * byte)))
        }
    }
}

/// The bytes are not of the form that `MonitorBytes` writes; the learned state is then empty.
package struct MonitorUnreadable: Error, Equatable {}

/// Decodes the form that `MonitorBytes` writes.
struct MonitorReader {
    private let bytes: [UInt8]
    private var next = 0

    /// An upper bound of the sum of fifty squares of the largest count.
    private static let largest = 1e22

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { next == bytes.count }

    /// - Throws: also if the value is above `most`.
    mutating func small(_ most: UInt8) throws(MonitorUnreadable) -> Int {
        let value = try bits(UInt8.self)
        guard value <= most else { throw MonitorUnreadable() }
        return Int(value)
    }

    mutating func short(_ most: Int) throws(MonitorUnreadable) -> Int {
        let value = Int(try bits(UInt16.self))
        guard value <= most else { throw MonitorUnreadable() }
        return value
    }

    /// Reads a sum or a sum of squares: a finite number that is not negative.
    mutating func double() throws(MonitorUnreadable) -> Double {
        let value = Double(bitPattern: try bits(UInt64.self))
        guard value >= 0, value <= Self.largest else { throw MonitorUnreadable() }
        return value
    }

    mutating func float() throws(MonitorUnreadable) -> Float {
        let value = Float(bitPattern: try bits(UInt32.self))
        guard value >= 0, Double(value) <= Self.largest else { throw MonitorUnreadable() }
        return value
    }

    private mutating func bits<Bits: FixedWidthInteger>(
        _ type: Bits.Type
    ) throws(MonitorUnreadable) -> Bits {
        let size = Bits.bitWidth / 8
        guard bytes.count - next >= size else { throw MonitorUnreadable() }
        defer { next += size }
        var bits: Bits = 0
        for byte in 0..<size { bits |= Bits(bytes[next + byte]) << Bits(8 * byte) }
        return bits
    }
}
