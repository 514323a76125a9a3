/// Finds an object's members by the bytes of their keys: by direct comparison in a small object, otherwise by an open
/// table with linear probing. The table is our own because its look-ups can be counted.
struct MemberPositions: Sendable {
    /// The greatest number of members of an object without a table.
    static let comparedDirectly = 16

    /// The slots of the table. The upper half is the hash of the key, the lower half its position plus 1. A free slot
    /// is 0. At most half of the slots are taken.
    private var slots: [UInt64] = []

    init() {}

    /// - Precondition: the keys are distinct.
    init(of members: Span<(key: String, value: JSONValue)>) {
        var steps = 0
        if members.count > Self.comparedDirectly { enterAll(members, &steps) }
    }

    /// - Parameter steps: is increased by the keys compared, with their bytes, and by the slots probed.
    /// - Returns: the position of the equal key, or nil, and the hash to pass to `added`.
    func find(
        _ key: String, in members: Span<(key: String, value: JSONValue)>,
        _ steps: inout Int
    ) -> (place: Int?, hash: UInt32) {
        guard !slots.isEmpty else {
            for place in members.indices
            where Self.areEqual(members[place].key, key, &steps) { return (place, 0) }
            return (nil, 0)
        }
        let hash = Self.hash(key)
        steps += key.utf8.count
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            steps += 1
            let place = Int(slots[slot] & 0xffff_ffff) - 1
            if slots[slot] >> 32 == UInt64(hash),
                Self.areEqual(members[place].key, key, &steps)
            {
                return (place, hash)
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return (nil, hash)
    }

    /// Registers the last one of `members`; must be called after it was appended.
    ///
    /// - Parameter hash: the hash that `find` returned for its key; ignored if there was no table.
    mutating func added(
        to members: Span<(key: String, value: JSONValue)>, hash: UInt32,
        _ steps: inout Int
    ) {
        guard members.count > Self.comparedDirectly else { return }
        guard !slots.isEmpty else { return enterAll(members, &steps) }
        if 2 * members.count > slots.count { grow(&steps) }
        enter(hash, members.count - 1, &steps)
    }

    private mutating func enterAll(
        _ members: Span<(key: String, value: JSONValue)>, _ steps: inout Int
    ) {
        var count = 4 * Self.comparedDirectly
        while count < 2 * members.count { count *= 2 }
        slots = Array(repeating: 0, count: count)
        for place in members.indices {
            steps += members[place].key.utf8.count
            enter(Self.hash(members[place].key), place, &steps)
        }
    }

    private mutating func grow(_ steps: inout Int) {
        let old = slots
        slots = Array(repeating: 0, count: 2 * old.count)
        steps += old.count
        for slot in old where slot != 0 {
            enter(UInt32(slot >> 32), Int(slot & 0xffff_ffff) - 1, &steps)
        }
    }

    private mutating func enter(_ hash: UInt32, _ place: Int, _ steps: inout Int) {
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            steps += 1
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = UInt64(hash) << 32 | UInt64(place + 1)
    }

    private static func hash(_ key: String) -> UInt32 {
        var hasher = Hasher()
        hashBytes(of: key, into: &hasher)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    private static func areEqual(_ a: String, _ b: String, _ steps: inout Int) -> Bool {
        steps += a.utf8.count == b.utf8.count ? 1 + b.utf8.count : 1
        return sameBytes(a, b)
    }
}
