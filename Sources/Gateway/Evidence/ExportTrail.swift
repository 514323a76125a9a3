import InterlockJSON
import InterlockLedger
import InterlockModel

/// What a person may take out of the log, as `export.made` names it (specs of the ledger, section 14).
package enum ExportKind: String, Sendable, CaseIterable {
    case tail, query, show, prove, bundle, export, replay, evidence, capture
}

/// Puts on record that a person is about to read the log. Only after it returns may anything be shown: a view that
/// the log does not know of must not happen.
package struct ExportTrail: Sendable {
    private let gateway: Gateway

    package init(_ gateway: Gateway) { self.gateway = gateway }

    /// - Parameters:
    ///   - count: records that will be shown.
    ///   - query: what was asked for, canonical; kept as a payload, since it may name people.
    func record(
        _ kind: ExportKind, count: Int, query: [UInt8], by reader: Pseudonym
    ) async throws(LedgerRefusal) -> Receipt {
        try await gateway.ledger.append(
            gateway.records.record(
                .exportMade, run: nil,
                fields: [
                    "kind": .string(kind.rawValue), "by": .string(reader.text),
                    "n": .integer(Int64(count)),
                ], sealing: [("q", query)]))
    }
}
