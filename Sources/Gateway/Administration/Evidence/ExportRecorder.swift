package import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

/// What a person may take out of the log, as `export.made` names it (specs of the ledger, section 14).
package enum ExportKind: String, Sendable, CaseIterable {
    case tail, query, show, prove, bundle, export, replay, evidence, capture
}

/// Puts on record that a person or a service is about to read the log. Only after it returns may anything be shown: a view that
/// the log does not know of must not happen.
package struct ExportRecorder: Sendable {
    private let gateway: Gateway

    package init(_ gateway: Gateway) { self.gateway = gateway }

    /// - Parameters:
    ///   - count: records that will be shown.
    ///   - query: what was asked for, canonical; kept as a payload, since it may name people.
    func record(
        _ kind: ExportKind, count: Int, query: [UInt8], by reader: EvidenceReader.Name
    ) async throws(LedgerRefusal) -> Receipt {
        var fields: JSONObject = [
            "kind": .string(kind.rawValue), "n": .integer(Int64(count)),
        ]
        switch reader {
        case .person(let person): fields["by"] = .string(person.text)
        case .service(let service): fields["svc"] = .string(service.text)
        }
        return try await gateway.ledger.append(
            gateway.records.record(
                .exportMade, run: nil, fields: fields, sealing: [("q", query)]))
    }
}
