import InterlockJSON
import InterlockModel

/// The members of a leaf in the order of their names, determined before any is written, so that each is written once at
/// its final position.
struct LeafMemberLayout {
    enum Member: Sendable {
        /// The index of the field or payload in the draft.
        case field(Int32)
        case payload(Int32)
        case own(OwnField)
    }

    /// The fields that the ledger adds; `prev` and `subj` only if they have a value.
    enum OwnField: String, Sendable {
        case v, t, ts, mono, boot, node
        case run, rs, prev, agent, subj
    }

    /// An entry of the sort, kept small because sorting moves it.
    private struct Entry: Sendable {
        let head: NameHead
        let member: Member
    }

    private var entries: [Entry]

    private static let outside = entries([.boot, .mono, .node, .t, .ts, .v])
    private static let inRun = entries(
        [.agent, .boot, .mono, .node, .prev, .rs, .run, .subj, .t, .ts, .v])

    private static func entries(_ fields: [OwnField]) -> [Entry] {
        fields.map { Entry(head: NameHead($0.rawValue), member: .own($0)) }
    }

    /// - Throws: `.ledgersField` if a name occurs twice.
    init(_ draft: RecordDraft) throws(LeafError) {
        entries = []
        let own = draft.run == nil ? Self.outside : Self.inRun
        entries.reserveCapacity(own.count + draft.fields.count + draft.payloads.count)
        entries += own
        let fields = draft.fields.members.span
        for place in fields.indices { try insert(fields[place].key, .field(Int32(place)), draft) }
        for place in draft.payloads.indices {
            try insert(draft.payloads[place].field, .payload(Int32(place)), draft)
        }
    }

    var count: Int { entries.count }
    subscript(place: Int) -> Member { entries[place].member }

    private mutating func insert(
        _ name: String, _ member: Member, _ draft: RecordDraft
    ) throws(LeafError) {
        let entry = Entry(head: NameHead(name), member: member)
        entries.append(entry)
        var sorted = entries.mutableSpan
        var place = sorted.count - 1
        while place > 0, sorted[place - 1].head >= entry.head {
            if sorted[place - 1].head == entry.head {
                let other = Self.name(of: sorted[place - 1].member, in: draft)
                guard other != name else { throw .ledgersField(name) }
                if other.utf8.lexicographicallyPrecedes(name.utf8) { break }
            }
            sorted[place] = sorted[place - 1]
            place -= 1
        }
        sorted[place] = entry
    }

    private static func name(of member: Member, in draft: RecordDraft) -> String {
        switch member {
        case .field(let place): draft.fields.members[Int(place)].key
        case .payload(let place): draft.payloads[Int(place)].field
        case .own(let field): field.rawValue
        }
    }
}
