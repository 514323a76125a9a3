/// The purpose of an export, which decides the records and whether their payloads are opened.
package enum ExportPurpose: String, Sendable, CaseIterable {
    case forensics, compliance, evals

    package var opensPayloads: Bool { self != .compliance }

    /// Returns true if records of the type are of use for it.
    package func selects(_ type: String) -> Bool {
        switch self {
        case .forensics, .compliance: true
        case .evals:
            type == RecordType.callIntent.rawValue || type == RecordType.callDenied.rawValue
                || type.hasPrefix("incident.")
        }
    }
}

/// The records that an export is of.
package struct ExportFilter: Sendable {
    private let filter: RecordFilter
    private let purpose: ExportPurpose?

    /// - Parameter purpose: nil for a format, which is of all records that match.
    package init(_ filter: RecordFilter, _ purpose: ExportPurpose?) {
        self.filter = filter
        self.purpose = purpose
    }

    /// True if every record matches.
    package var isOfAll: Bool { filter == RecordFilter() && purpose != .evals }

    package func matches(_ record: StoredRecord) -> Bool {
        filter.matches(record) && (purpose?.selects(record.type) ?? true)
    }
}
