package import InterlockModel

/// The file that keeps the run keys of one day, without its cryptography.
///
/// Head: magic `ILBKT` 00 00 01, u32 days since 1970, state (1 in use, 2 destroyed), u8 count of wraps;
/// of each wrap u8 kind, u16 length, bytes. Behind it entries of 93 bytes: u8 kind (1 a key, 2 erased),
/// owner in 32 bytes padded with zeros, then what the bucket key sealed: 12 bytes of nonce, 32 of key,
/// 16 of tag. Integers are big-endian. The head is only ever written with the whole file; entries are
/// appended, so the file may end in a torn one.
package struct BucketFile: Sendable, Hashable {
    package let day: CivilDate
    /// Of a destroyed bucket only the head is left: it keeps its keys from being made anew.
    package let isDestroyed: Bool
    /// The bucket key, each time under another key.
    package let wraps: [BucketWrap]
    /// Whole entries, opened by nobody yet; bytes that are none at the end are left out.
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

    /// What is left of a day whose keys are all destroyed.
    package init(destroyed day: CivilDate) {
        self.day = day
        wraps = []
        isDestroyed = true
        slots = []
    }

    /// - Returns: nil when the head is not whole, or says what no bucket says.
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
        // A destroyed bucket is its head; one in use says how it is opened.
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

/// The bucket key under one other key; the kind says how.
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

/// The place of one entry, which may be torn until the bucket key has opened it.
package struct BucketSlot: Sendable, Hashable {
    package static let byteCount = 1 + ownerBytes + sealedBytes
    package static let sealedBytes = 12 + 32 + 16
    private static let ownerBytes = 32
    package let bytes: [UInt8]

    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }

    /// - Parameter sealed: 60 bytes.
    package init(_ kind: Kind, _ owner: PayloadOwner, sealed: [UInt8]) {
        self.init(bytes: Self.head(kind, owner) + sealed)
    }

    package enum Kind: UInt8, Sendable {
        case key = 1
        /// Erased; what is sealed in it are zeros.
        case erased = 2
    }

    /// Kind and owner as they are stored, which the sealing is bound to.
    package static func head(_ kind: Kind, _ owner: PayloadOwner) -> [UInt8] {
        let text = Array(owner.text.utf8)
        return [kind.rawValue] + text + [UInt8](repeating: 0, count: ownerBytes - text.count)
    }

    package var kind: Kind? { Kind(rawValue: bytes[0]) }
    package var owner: PayloadOwner? {
        let text = bytes[1...Self.ownerBytes].prefix { $0 != 0 }
        // No owner fills the field; one that seems to leaves an empty rest.
        guard bytes[(1 + text.count)..<(1 + Self.ownerBytes)].allSatisfy({ $0 == 0 }) else {
            return nil
        }
        return PayloadOwner(String(decoding: text, as: UTF8.self))
    }
    package var sealed: ArraySlice<UInt8> { bytes[(1 + Self.ownerBytes)...] }
}
