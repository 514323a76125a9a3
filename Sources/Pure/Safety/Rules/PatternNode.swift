/// One part of a rule's pattern.
package indirect enum PatternNode: Hashable, Sendable {
    /// A word boundary, which has no length.
    case boundary
    /// One byte of a set. The set has both cases of a letter in a part that ignores case.
    case bytes(ByteSet)
    case sequence([PatternNode])
    case either([PatternNode])
    case repeated(PatternNode, ClosedRange<Int>)

    /// The lengths of what the part matches, in bytes.
    package var lengths: ClosedRange<Int> {
        switch self {
        case .boundary: return 0...0
        case .bytes: return 1...1
        case .sequence(let parts):
            return parts.reduce(0...0) { $0.adding($1.lengths) }
        case .either(let parts):
            guard let first = parts.first else { return 0...0 }
            return parts.dropFirst().reduce(first.lengths) { $0.covering($1.lengths) }
        case .repeated(let part, let counts):
            let lengths = part.lengths
            return lengths.lowerBound * counts.lowerBound...lengths.upperBound * counts.upperBound
        }
    }
}

extension ClosedRange<Int> {
    /// The lengths of one part of this range followed by one of the other.
    func adding(_ other: ClosedRange<Int>) -> ClosedRange<Int> {
        lowerBound + other.lowerBound...upperBound + other.upperBound
    }

    /// The smallest range that has both.
    func covering(_ other: ClosedRange<Int>) -> ClosedRange<Int> {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

/// A set of bytes.
package struct ByteSet: Hashable, Sendable {
    private var words = SIMD4<UInt64>()

    package init() {}

    package func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
    }

    package mutating func insert(_ byte: UInt8) {
        words[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
    }

    package var count: Int { Int(words.nonzeroBitCount.wrappedSum()) }

    /// The members, in their order.
    package var members: [UInt8] {
        var members: [UInt8] = []
        members.reserveCapacity(count)
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                members.append(UInt8(index * 64 + word.trailingZeroBitCount))
                word &= word - 1
            }
        }
        return members
    }

    /// The set with both cases of each of its letters.
    var ignoringCase: ByteSet {
        var all = self
        for byte in members where (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a {
            all.insert(byte ^ 0x20)
        }
        return all
    }

    var inverted: ByteSet {
        var other = self
        other.words = ~words
        return other
    }
}
