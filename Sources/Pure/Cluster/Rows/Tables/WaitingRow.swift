package import InterlockJSON
package import InterlockModel

/// An elevation, enrolment or revision that waits for signatures of people. The signatures in it are not verified here,
/// and permit nothing: the entry that the last one appends does.
package struct WaitingRow: ClusterRow {
    package enum Kind: String, Sendable, CaseIterable {
        case elevation, enrolment, revision

        var table: RowTable {
            switch self {
            case .elevation: .elevation
            case .enrolment: .enrolment
            case .revision: .revision
            }
        }
    }

    package enum Status: String, Sendable, CaseIterable {
        case waiting, complete, ended
    }

    package let kind: Kind
    /// The id of the elevation or enrolment, or the digest of the revision.
    package let id: ExactText
    package let version: Int64
    package let ends: Timestamp
    /// The stored form, with all signatures until this version.
    package let content: JSONValue

    package struct Columns: RowColumns {
        package var kind: Kind
        package var id: String
        package var version: Int64
        package var status: String
        package var ends: Timestamp
        /// The node of the last change.
        package var node: String

        package init(
            kind: Kind, id: String, version: Int64, status: String, ends: Timestamp, node: String
        ) {
            self.kind = kind
            self.id = id
            self.version = version
            self.status = status
            self.ends = ends
            self.node = node
        }

        /// The change that ends a row writes no body, so its body is that of the version before.
        package var address: RowAddress {
            let isWaiting = sameBytes(status, Status.waiting.rawValue)
            return RowAddress(kind.table, id, revision: isWaiting ? version : version &- 1)
        }
    }

    package var address: RowAddress { RowAddress(kind.table, id.text, revision: version) }
    package var columns: JSONObject { ["ends": .string(ends.rfc3339())] }

    /// - Throws: `badMember` if the content names another id.
    package init(
        _ kind: Kind, _ id: ExactText, version: Int64, ends: Timestamp, content: JSONValue
    ) throws(FormError) {
        let member: String? =
            switch kind {
            // The id is in the signed proposal, which the verifier of elevations reads.
            case .elevation: nil
            case .enrolment: "id"
            case .revision: "digest"
            }
        if let member {
            guard content[member] == .string(id.text) else {
                throw .badMember("content.\(member)", "the id of the row")
            }
        }
        self.kind = kind
        self.id = id
        self.version = version
        self.ends = ends
        self.content = content
    }

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        guard let kind = Kind.allCases.first(where: { $0.table == address.table }),
            address.revision == version
        else { throw .badMember("rev", "the version of a row that waits") }
        let fields = try StrictFields(columns, at: "columns", required: ["ends"])
        try self.init(
            kind, address.key, version: version,
            ends: try fields.time("ends", fractionDigits: 6), content: content)
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        guard let status = Status(rawValue: columns.status) else { return "state" }
        if columns.ends != ends { return "ends" }
        if status == .waiting, !sameBytes(columns.node, node.text) { return "node" }
        return nil
    }
}

extension VerifiedRow<WaitingRow> {
    /// True while people may sign it.
    package func isWaiting(at now: Timestamp) -> Bool {
        sameBytes(columns.status, WaitingRow.Status.waiting.rawValue) && now < row.ends
    }
}
