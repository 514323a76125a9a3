/// The newest entry of a control log: its number and digest. Number 0 is the empty log.
package struct ControlHead: Hashable, Sendable {
    package let number: Int64
    package let digest: Digest

    package init(number: Int64, digest: Digest) {
        self.number = number
        self.digest = digest
    }

    package static let empty = ControlHead(number: 0, digest: Digest(words: (0, 0, 0, 0)))
}

/// Verifies a control log from its first entry, in order, with the memory of one entry.
package struct ControlChain: Sendable {
    /// The last entry that was verified.
    package private(set) var head = ControlHead.empty

    package init() {}

    /// - Throws: the first fault of the entry. The chain has not advanced then, and nothing after it may be taken.
    package mutating func take(
        _ stored: StoredControlEntry, hashing: some Hashing
    ) throws(ControlFault) -> ControlEntry {
        guard stored.number == head.number + 1 else {
            throw .gap(expected: head.number + 1, found: stored.number)
        }
        guard stored.previous == head.digest else { throw .wrongLink(stored.number) }
        let entry = try ControlEntry(stored, hashing: hashing)
        head = ControlHead(number: entry.number, digest: entry.digest)
        return entry
    }
}

/// The reason why a control log is not as it was written. The number is that of the entry.
package enum ControlFault: Error, Hashable, Sendable, CustomStringConvertible {
    case gap(expected: Int64, found: Int64)
    /// The entry does not follow from the one before.
    case wrongLink(Int64)
    /// The entry was changed after it was written.
    case wrongDigest(Int64)
    /// Another version wrote the entry; this one cannot judge it.
    case unknownKind(Int64, String)
    case malformedBody(Int64)

    package var description: String {
        switch self {
        case .gap(let expected, let found): "expected entry \(expected), found entry \(found)"
        case .wrongLink(let number): "entry \(number) does not follow from the entry before it"
        case .wrongDigest(let number): "entry \(number) was changed after it was written"
        case .unknownKind(let number, let kind): "entry \(number) has the unknown kind `\(kind)`"
        case .malformedBody(let number): "the body of entry \(number) is not a JSON object"
        }
    }
}
