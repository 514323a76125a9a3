import InterlockJSON
package import InterlockLedger

/// The records of one type, of which a field may be required to have a value.
package struct LeafQuery: Sendable, Hashable {
    package let type: String
    package let field: Field?

    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package init(_ type: String) {
        self.type = type
        field = nil
    }

    package init(_ type: String, _ name: String, _ value: String) {
        self.type = type
        field = Field(name: name, value: value)
    }

    /// The condition without that on the type.
    package func holds(_ record: StoredRecord) -> Bool {
        guard let field else { return true }
        return record.text(field.name).map { sameBytes($0, field.value) } ?? false
    }

    var json: JSONValue {
        var members: JSONObject = [:]
        if let field { members[field.name] = .string(field.value) }
        members["t"] = .string(type)
        return .object(members)
    }
}

/// A kind of sample records of a control, and the side that it shows.
package struct SampleKind: Sendable, Hashable {
    package enum Side: Sendable, Hashable {
        /// It shows an act that was permitted or done.
        case done
        /// It shows a refusal or a fault.
        case refused
    }

    package let name: String
    package let side: Side
    package let query: LeafQuery

    package static func done(_ name: String, _ query: LeafQuery) -> SampleKind {
        SampleKind(name: name, side: .done, query: query)
    }

    package static func refused(_ name: String, _ query: LeafQuery) -> SampleKind {
        SampleKind(name: name, side: .refused, query: query)
    }
}

/// A rule that joins records, by the name that verifiers know (docs/evidence.md).
package enum RecordCheck: String, Sendable, Hashable, CaseIterable {
    case outcomeWithoutApprovalUsed = "outcome-without-approval-used"
    case outcomeWithoutIntent = "outcome-without-intent"
}
