package import InterlockModel

/// The file that contains the run keys of one day, without its cryptography.
///
/// The head consists of: magic `ILBKT` 00 00 01; u32 days since 1970; u8 state (1 in use, 2 destroyed); u8 count of
/// wraps; for each wrap u8 kind, u16 length, bytes. Entries of 93 bytes follow: u8 kind (1 key, 2 erased); owner in 32
/// bytes, padded with zeros; the data sealed by the bucket key: 12 bytes of nonce, 32 of key, 16 of tag. Integers are
/// big-endian. The head is written only together with the whole file. Entries are appended, so a crash may leave a torn
/// entry at the end.
package struct BucketFile: Sendable, Hashable {
    package let day: CivilDate
    /// True for a destroyed bucket, of which only the head remains; it prevents its keys from being created again.
    package let isDestroyed: Bool
    /// The bucket key, wrapped once under each of several other keys.
    package let wraps: [BucketWrap]
    /// The complete entries, not yet decrypted. Incomplete bytes at the end are omitted.
    package let slots: [BucketSlot]

    package static let maximumBytes = 64 << 20
    private static let magic = Array("ILBKT".utf8) + [0x00, 0x00, 0x01]
    private static let maximumDay: UInt64 = 2_932_896

    package init(day: CivilDate, wraps: [BucketWrap]) {
        self.day = day
        self.wraps = wraps
        isDestroyed = false
        slots = []
    }

    /// Creates the remainder of a day whose keys are all destroyed.
    package init(destroyed day: CivilDate) {
        self.day = day
        wraps = []
        isDestroyed = true
        slots = []
    }

    /// - Returns: nil if the head is incomplete or has values that no bucket has.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes else { return nil }
        var reader = ByteReader(bytes, in: 0..<bytes.count)
        guard let magic = reader.take(Self.magic.count), bytes[magic].elementsEqual(Self.magic),
            let day = reader.integer(4), day <= Self.maximumDay,
            let state = reader.integer(1), state == 1 || state == 2,
            let count = reader.integer(1), count <= UInt64(BucketWrap.maximumCount)
        else { return nil }
        var wraps: [BucketWrap] = []
        for _ in 0..<count {
            guard let kind = reader.integer(1), let length = reader.integer(2),
                length <= UInt64(BucketWrap.maximumBytes), let range = reader.take(Int(length))
            else { return nil }
            wraps.append(BucketWrap(kind: UInt8(kind), bytes: Array(bytes[range])))
        }
        isDestroyed = state == 2
        // A destroyed bucket consists of its head only; a bucket in use needs at least one wrap.
        guard isDestroyed ? wraps.isEmpty && reader.isAtEnd : !wraps.isEmpty else { return nil }
        self.day = CivilDate(daysSince1970: Int64(day))
        self.wraps = wraps
        var slots: [BucketSlot] = []
        while let range = reader.take(BucketSlot.byteCount) {
            slots.append(BucketSlot(bytes: Array(bytes[range])))
        }
        self.slots = slots
    }

    package var head: [UInt8] {
        var output = Self.magic
        output.appendInteger(UInt64(day.daysSince1970), width: 4)
        output.append(isDestroyed ? 2 : 1)
        output.append(UInt8(wraps.count))
        for wrap in wraps {
            output.append(wrap.kind)
            output.appendInteger(UInt64(wrap.bytes.count), width: 2)
            output += wrap.bytes
        }
        return output
    }
}

/// The bucket key wrapped under another key; `kind` identifies the method.
package struct BucketWrap: Sendable, Hashable {
    package let kind: UInt8
    package let bytes: [UInt8]
    package static let maximumCount = 8
    package static let maximumBytes = 4096

    package init(kind: UInt8, bytes: [UInt8]) {
        precondition(bytes.count <= Self.maximumBytes)
        self.kind = kind
        self.bytes = bytes
    }
}

/// The slot of one entry, which may be torn; only decryption with the bucket key shows whether it is whole.
package struct BucketSlot: Sendable, Hashable {
    package static let byteCount = 1 + ownerBytes + sealedBytes
    package static let sealedBytes = 12 + 32 + 16
    private static let ownerBytes = 32
    package let bytes: [UInt8]

    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }

    /// - Parameter sealed: the 60 sealed bytes.
    package init(_ kind: Kind, _ owner: PayloadOwner, sealed: [UInt8]) {
        self.init(bytes: Self.head(kind, owner) + sealed)
    }

    package enum Kind: UInt8, Sendable {
        case key = 1
        /// The key is erased; the sealed content is zeros.
        case erased = 2
    }

    /// Returns the kind and owner as they are stored; the encryption authenticates them.
    package static func head(_ kind: Kind, _ owner: PayloadOwner) -> [UInt8] {
        let text = Array(owner.text.utf8)
        return [kind.rawValue] + text + [UInt8](repeating: 0, count: ownerBytes - text.count)
    }

    package var kind: Kind? { Kind(rawValue: bytes[0]) }
    package var owner: PayloadOwner? {
        let text = bytes[1...Self.ownerBytes].prefix { $0 != 0 }
        // No owner fills the field, so a field without trailing zeros is not a valid owner.
        guard bytes[(1 + text.count)..<(1 + Self.ownerBytes)].allSatisfy({ $0 == 0 }) else {
            return nil
        }
        return PayloadOwner(String(decoding: text, as: UTF8.self))
    }
    package var sealed: ArraySlice<UInt8> { bytes[(1 + Self.ownerBytes)...] }
}
