package import InterlockModel

/// The reason why a row is not as a node wrote it. Nothing is permitted from such a row.
package enum RowFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The body has more bytes than one of its table.
    case tooLarge(Int)
    /// The body is too short, or of another format.
    case malformedSeal
    /// The store key that sealed the body is not one of this node.
    case unknownKey(StoreKeyID)
    /// The body was changed, or sealed for another table, key or revision.
    case wrongSeal
    case malformed(FormError)
    /// The node signed another row than the one for which it sealed the body.
    case otherRow(RowAddress)
    case otherOrganisation
    /// The node that signed it had applied another entry with this number.
    case otherChain(Int64)
    case notMember(NodeName)
    case retired(NodeName)
    case badSignature
    /// A column says something else than what is signed.
    case otherColumn(String)
    /// This node has verified a newer version or revision of the row.
    case older(Int64, newest: Int64)
    /// This node has verified another body of the same version.
    case otherBody(version: Int64)
    /// This node knows that the row has ended.
    case ended
    /// Votes of a request that its body counts are missing, or one person has several.
    case otherVotes(counted: Int64, found: Int64)

    package var description: String {
        switch self {
        case .tooLarge(let count): "its body has \(count) bytes"
        case .malformedSeal: "its body is not sealed"
        case .unknownKey: "its body was sealed with a store key that this node does not have"
        case .wrongSeal: "its body was changed, or is that of another row or revision"
        case .malformed(let error): "its statement is malformed: \(error)"
        case .otherRow(let address): "the node signed another row: \(address)"
        case .otherOrganisation: "it is of another organisation"
        case .otherChain(let number): "its node has another entry \(number)"
        case .notMember(let node): "it is by `\(node)`, which is no member of the cluster"
        case .retired(let node): "it is by `\(node)`, which has been retired"
        case .badSignature: "its signature does not verify"
        case .otherColumn(let name): "the store has another `\(name)` than the nodes signed"
        case .older(let number, let newest):
            "it is version \(number), and \(newest) was read before"
        case .otherBody(let version): "there are two bodies of its version \(version)"
        case .ended: "it has ended"
        case .otherVotes(let counted, let found): "it needs \(counted) votes, and has \(found)"
        }
    }
}

/// A row from which nothing is permitted. It becomes an alert.
package struct VoidRow: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address that the columns state.
    package let address: RowAddress
    package let fault: RowFault

    package init(_ address: RowAddress, _ fault: RowFault) {
        self.address = address
        self.fault = fault
    }

    /// The stable code of the alert.
    package static let code = "cluster.row_void"

    package var description: String { "row void: \(address): \(fault)" }
}

/// The reason why a row is not used.
package enum RowRejection: Error, Hashable, Sendable {
    case void(VoidRow)
    /// The row rests on an entry that this node has not applied, which has this number or a later one. The node reads the
    /// entries and verifies the row again; it raises the alert if the store has no such entries.
    case behind(Int64)
}
