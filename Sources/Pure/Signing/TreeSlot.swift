import InterlockLedger

/// One of the two slots of a signer's tree, in sectors that each have the slot's number and a checksum: so a write that
/// a crash tore is distinguished from damage to one that was complete.
///
/// ```
/// sector   u64 number of the write, u32 CRC-32C of it and of the content, 500 bytes of content
/// ```
/// A disk writes a sector as a whole or not at all. A write that was broken off leaves at least one whole sector of the
/// write before the last; a complete one leaves none.
package struct TreeSlot: Sendable {
    package static let byteCount = 4096
    private static let sectorBytes = 512
    private static let headBytes = 12
    /// The bytes of content of one slot.
    static let contentBytes = byteCount / sectorBytes * (sectorBytes - headBytes)

    /// The number of each sector, or nil if the sector is damaged; empty if the slot has another size.
    private let numbers: [UInt64?]
    /// The content of all sectors, meaningful only if `number` is not nil.
    let content: [UInt8]

    package init(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else {
            (self.numbers, self.content) = ([], [])
            return
        }
        var numbers: [UInt64?] = []
        var content: [UInt8] = []
        for start in stride(from: 0, to: Self.byteCount, by: Self.sectorBytes) {
            var fields = SigningFields(Array(bytes[start..<start + Self.sectorBytes]))
            let (number, sum, rest) = (fields.integer(8), fields.integer(4), fields.rest())
            let isWhole = number.map { UInt64(Self.checksum($0, rest)) == sum } ?? false
            numbers.append(isWhole ? number : nil)
            content += rest
        }
        self.numbers = numbers
        self.content = content
    }

    /// The number of the write, or nil unless every sector is whole and of the same write.
    package var number: UInt64? {
        guard let first = numbers.first, numbers.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// True if a whole sector is of this write.
    func has(_ number: UInt64) -> Bool { numbers.contains(number) }

    /// Returns the bytes of the same content under another number.
    package func numbered(_ number: UInt64) -> [UInt8] { Self.encode(content, number: number) }

    /// - Precondition: the content has at most `contentBytes` bytes.
    static func encode(_ content: [UInt8], number: UInt64) -> [UInt8] {
        precondition(content.count <= contentBytes)
        let size = sectorBytes - headBytes
        let padded = content + [UInt8](repeating: 0, count: contentBytes - content.count)
        var writer = SigningFieldsWriter()
        for start in stride(from: 0, to: contentBytes, by: size) {
            let part = Array(padded[start..<start + size])
            writer.add(number, width: 8)
            writer.add(UInt64(checksum(number, part)), width: 4)
            writer.add(part)
        }
        return writer.bytes
    }

    private static func checksum(_ number: UInt64, _ content: [UInt8]) -> UInt32 {
        var writer = SigningFieldsWriter()
        writer.add(number, width: 8)
        writer.add(content)
        return CRC32C.checksum(writer.bytes.span)
    }
}

extension TreeSlot {
    /// The slot whose tree was signed last, of two that are written in turn.
    package struct Newest: Hashable, Sendable {
        /// 0 or 1.
        package let slot: Int
        package let number: UInt64
        /// True if the other slot is no tree: a write that was broken off, or damage to an older tree.
        package let isOtherDamaged: Bool
    }

    /// Chooses between two slots. A damaged slot may have been the newer one, and its signature may have left; then the
    /// tree of the other slot was surpassed, and nothing more may be signed after it. It is known not to have left if
    /// a sector of the write before the last one is whole: no signature leaves before all of the slot is on disk.
    ///
    /// - Parameter hasTree: for each slot, true if it is a tree that the key signed.
    /// - Returns: nil if the newest tree is not known.
    package static func newest(_ slots: [TreeSlot], hasTree: [Bool]) -> Newest? {
        let numbers = zip(slots, hasTree).map { $1 ? $0.number : nil }
        switch (numbers[0], numbers[1]) {
        case (let first?, let second?):
            guard max(first, second) - min(first, second) == 1 else { return nil }
            let slot = first > second ? 0 : 1
            return Newest(slot: slot, number: max(first, second), isOtherDamaged: false)
        case (let number?, nil) where number > 0 && slots[1].has(number - 1):
            return Newest(slot: 0, number: number, isOtherDamaged: true)
        case (nil, let number?) where number > 0 && slots[0].has(number - 1):
            return Newest(slot: 1, number: number, isOtherDamaged: true)
        default: return nil
        }
    }
}
