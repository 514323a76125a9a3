import InterlockJSON
package import InterlockModel

/// One record as it is stored: an RFC 8785 object of at most 4,096 bytes, and its leaf hash
/// (section 5 of the ledger's spec).
package struct Leaf: Sendable, Hashable {
    /// What is hashed: 0x00 and the stored bytes.
    private let hashed: [UInt8]
    package let hash: Digest

    /// The stored bytes.
    package var bytes: ArraySlice<UInt8> { hashed.dropFirst() }
    package var count: Int { hashed.count - 1 }

    package static let maximumBytes = 4096
    /// What readers accept: the limit of an entry bundle.
    package static let maximumReadableBytes = Int(UInt16.max)

    /// Writes the draft at its place. Refuses what its type does not declare and what no leaf may hold:
    /// floats, null, control characters, strings above 128 bytes, fields that belong to the ledger, and
    /// more than 4,096 bytes.
    package init(
        _ draft: RecordDraft, at placement: Placement, hashing: any Hashing
    ) throws(LeafError) {
        try RecordSchema.of(draft.type).check(draft)
        try RecordRules.checkKept(draft)
        let order = try LeafMemberLayout(draft)
        let members = draft.fields.members.span
        var writer = LeafWriter(prefix: 0x00)
        for place in 0..<order.count {
            switch order[place] {
            case .field(let place):
                try writer.add(members[Int(place)].key, members[Int(place)].value)
            case .payload(let place):
                try writer.add(
                    draft.payloads[Int(place)].field, draft.payloads[Int(place)].commitment)
            case .own(let field): try writer.add(field, of: draft, at: placement)
            }
        }
        hashed = try writer.end()
        hash = hashing.sha256(hashed)
    }

    /// The stored bytes of a record as they were read.
    package init(stored bytes: ArraySlice<UInt8>, hashing: any Hashing) {
        var hashed: [UInt8] = []
        hashed.reserveCapacity(bytes.count + 1)
        hashed.append(0x00)
        hashed += bytes
        self.hashed = hashed
        hash = hashing.sha256(hashed)
    }

    /// The same of other collections.
    package init(stored bytes: some Collection<UInt8>, hashing: any Hashing) {
        hashed = [0x00] + bytes
        hash = hashing.sha256(hashed)
    }
}

extension LeafWriter {
    fileprivate mutating func add(
        _ field: LeafMemberLayout.OwnField, of draft: RecordDraft, at placement: Placement
    ) throws(LeafError) {
        let name = field.rawValue
        switch field {
        case .v: try add(name, Int64(1))
        case .t: try add(name, draft.type.rawValue)
        case .ts: try add(name, placement.moment.wall.microseconds)
        case .mono: try add(name, placement.moment.boot.microseconds)
        case .boot: try add(name, placement.boot)
        case .node: try add(name, placement.node)
        case .run: if let run = draft.run { try add(name, run.run.text) }
        case .rs: try add(name, placement.link.sequence)
        case .prev: if let previous = placement.link.previous { try add(name, previous) }
        case .agent: if let run = draft.run { try add(name, run.agent.text) }
        case .subj: if let subject = draft.run?.subject { try add(name, subject.text) }
        }
    }
}

/// What the ledger adds to a draft.
package struct Placement: Sendable {
    package let moment: ClockReading
    /// First 8 hex digits of the boot id.
    package let boot: String
    package let node: String
    /// Where the run's chain goes on; not looked at for records outside a run.
    package let link: ChainLink

    package init(moment: ClockReading, boot: String, node: String, link: ChainLink) {
        self.moment = moment
        self.boot = boot
        self.node = node
        self.link = link
    }
}

/// The next place of a run's chain.
package struct ChainLink: Sendable, Hashable {
    /// Dense, from 0.
    package let sequence: Int64
    /// The leaf hash of the record before; nil at 0.
    package let previous: Digest?

    package static let start = ChainLink(sequence: 0, previous: nil)
    package init(sequence: Int64, previous: Digest?) {
        self.sequence = sequence
        self.previous = previous
    }

    package func following(_ hash: Digest) -> ChainLink {
        ChainLink(sequence: sequence + 1, previous: hash)
    }

    /// The same in place.
    mutating func follow(_ hash: Digest) { self = following(hash) }
}

/// Why a draft is no record.
package enum LeafError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    /// The draft sets a field that the ledger sets, or one twice.
    case ledgersField(String)
    case badName(String)
    case badValue(String)
    case missingField(String)
    /// A payload that the record stands on is not stored.
    case notKept(String)
    /// The type of record has no such field (`RecordSchema`).
    case undeclaredField(String)
    /// A run's record outside a run, or the other way round.
    case wrongChain

    package var description: String {
        switch self {
        case .tooLarge: "the record has more than \(Leaf.maximumBytes) bytes"
        case .ledgersField(let name): "the field `\(name)` is not the record's own"
        case .badName(let name): "`\(name)` is no name of a field"
        case .badValue(let name): "the field `\(name)` has a value that no record may hold"
        case .notKept(let name): "the payload `\(name)` has no key or no room, so it is not kept"
        case .missingField(let name): "the field `\(name)` is missing or malformed"
        case .undeclaredField(let name): "this type of record has no field `\(name)`"
        case .wrongChain: "this type of record has another place: in a run, or outside"
        }
    }
}
