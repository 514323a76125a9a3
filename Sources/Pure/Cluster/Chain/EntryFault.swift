package import InterlockModel

/// The reason why the chain is not as nodes wrote it. The node that sees it halts the organisation for itself: what the
/// store says can no longer be believed (docs/specs/cluster.md, section 3). The number is that of the entry.
package enum EntryFault: Error, Hashable, Sendable, CustomStringConvertible {
    case gap(expected: Int64, found: Int64)
    /// The entry does not follow from the one before.
    case wrongLink(Int64)
    /// The entry was changed, or its body is missing.
    case wrongDigest(Int64)
    /// Another entry with the same number is known.
    case forked(Int64)
    case malformed(Int64, FormError)
    /// A column of the store says something else than the signed statement.
    case otherColumn(Int64, String)
    case otherOrganisation(Int64)
    /// The first entry is not the one whose digest the node was given.
    case otherGenesis
    /// The entry is by a node that is no member, or has been retired.
    case notMember(Int64, NodeName)
    case badSignature(Int64)
    /// A statement in the entry is of another kind or form, or a signature under it does not verify.
    case badStatement(Int64, String)
    /// The same use of a request is in the chain twice.
    case doubleUse(Int64)
    /// The state at a snapshot is not the one that the snapshot states.
    case otherState(Int64)
    /// The snapshot was made after an entry that is not in the chain.
    case missingEntry(Int64, before: Int64)

    package var description: String {
        switch self {
        case .gap(let expected, let found): "expected entry \(expected), found entry \(found)"
        case .wrongLink(let number): "entry \(number) does not follow from the entry before it"
        case .wrongDigest(let number): "entry \(number) was changed after it was written"
        case .forked(let number): "there are two entries \(number)"
        case .malformed(let number, let error): "entry \(number) is malformed: \(error)"
        case .otherColumn(let number, let column):
            "the store has another \(column) for entry \(number) than the node signed"
        case .otherOrganisation(let number): "entry \(number) is of another organisation"
        case .otherGenesis: "the chain starts with another entry than the given one"
        case .notMember(let number, let node):
            "entry \(number) is by `\(node)`, which is no member of the cluster"
        case .badSignature(let number): "the signature of entry \(number) does not verify"
        case .badStatement(let number, let reason):
            "a statement in entry \(number) does not verify: \(reason)"
        case .doubleUse(let number): "entry \(number) repeats a use of a request"
        case .otherState(let number):
            "the entries before snapshot \(number) leave another state than it states"
        case .missingEntry(let number, let snapshot):
            "snapshot \(snapshot) was made after entry \(number), which is missing"
        }
    }
}

/// The reason why an entry is not applied.
package enum EntryRejection: Error, Hashable, Sendable {
    case fault(EntryFault)
    /// Another version wrote the entry, or this node lacks what it is judged by: the rules of its kind, its policy, or
    /// the settings of passkeys. The node cannot pass it, so its lease ends.
    case unknownKind(Int64, String)
}
