import InterlockJSON
package import InterlockModel

/// One record as it is stored: an RFC 8785 object of at most 4,096 bytes, and its leaf hash (docs/specs/ledger.md,
/// section 5).
package struct Leaf: Sendable, Hashable {
    /// The hash input: 0x00 and the stored bytes.
    private let hashed: [UInt8]
    package let hash: Digest

    /// The stored bytes.
    package var bytes: ArraySlice<UInt8> { hashed.dropFirst() }
    package var count: Int { hashed.count - 1 }

    package static let maximumBytes = 4096
    /// The limit that readers accept: that of an entry bundle.
    package static let maximumReadableBytes = Int(UInt16.max)

    /// Writes the draft as a leaf with its placement. Rejects fields that its type does not declare and content that no
    /// leaf may hold: floats, null, control characters, strings above 128 bytes, fields that belong to the ledger, and
    /// more than 4,096 bytes in total.
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

    /// Creates a leaf from the stored bytes of a record.
    package init(stored bytes: ArraySlice<UInt8>, hashing: any Hashing) {
        var hashed: [UInt8] = []
        hashed.reserveCapacity(bytes.count + 1)
        hashed.append(0x00)
        hashed += bytes
        self.hashed = hashed
        hash = hashing.sha256(hashed)
    }

    /// Creates a leaf from the stored bytes of a record in any other collection.
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

/// The values that the ledger adds to a draft.
package struct Placement: Sendable {
    package let moment: ClockReading
    /// The first 8 hexadecimal digits of the boot id.
    package let boot: String
    package let node: String
    /// The position in the run's chain; ignored for records outside a run.
    package let link: ChainLink

    package init(moment: ClockReading, boot: String, node: String, link: ChainLink) {
        self.moment = moment
        self.boot = boot
        self.node = node
        self.link = link
    }
}

/// The next position in a run's chain.
package struct ChainLink: Sendable, Hashable {
    /// The sequence number, consecutive from 0.
    package let sequence: Int64
    /// The leaf hash of the previous record, or nil if `sequence` is 0.
    package let previous: Digest?

    package static let start = ChainLink(sequence: 0, previous: nil)
    package init(sequence: Int64, previous: Digest?) {
        self.sequence = sequence
        self.previous = previous
    }

    package func following(_ hash: Digest) -> ChainLink {
        ChainLink(sequence: sequence + 1, previous: hash)
    }

    /// Advances the link in place.
    mutating func follow(_ hash: Digest) { self = following(hash) }
}

/// The reason why a draft cannot become a record.
package enum LeafError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    /// The draft sets a field that the ledger sets, or sets a field twice.
    case ledgersField(String)
    case badName(String)
    case badValue(String)
    case missingField(String)
    /// A payload that the record requires is not stored.
    case notKept(String)
    /// The record type does not declare the field (`RecordSchema`).
    case undeclaredField(String)
    /// A draft with a run has a type that belongs outside of runs, or the reverse.
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
