package import InterlockGovernor
package import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPorts

/// The kinds of access to the log, as `export.made` names them (docs/specs/ledger.md, section 14).
package enum ExportKind: String, Sendable, CaseIterable {
    case tail, query, show, prove, bundle, export, replay, evidence, capture
}

/// Records that a person or a service account is about to read the log. The caller must show nothing before this
/// returns, so that no view is missing from the log.
///
/// INVARIANT: no record is shown unproved, or before `export.made` is durable. Kept by `test_audit_commands.py`,
/// `test_audit_damage.py`.
package struct ExportRecorder: Sendable {
    private let gateway: Gateway

    package init(_ gateway: Gateway) { self.gateway = gateway }

    /// - Parameters:
    ///   - count: the number of records that will be shown.
    ///   - query: the canonical query; it is stored as a payload, since it may name people.
    package func record(
        _ kind: ExportKind, count: Int, query: [UInt8], by reader: EvidenceReader.Name
    ) async throws(LedgerRefusal) -> Receipt {
        var fields: JSONObject = ["kind": .string(kind.rawValue), "n": .integer(Int64(count))]
        switch reader {
        case .person(let person): fields["by"] = .string(person.text)
        case .service(let service): fields["svc"] = .string(service.text)
        }
        return try await gateway.ledger.append(
            gateway.records.record(.exportMade, run: nil, fields: fields, sealing: [("q", query)]))
    }
}

/// Records views on the people plane. If it throws, the caller must show nothing.
package struct AccessRecorder: Sendable {
    private let exports: ExportRecorder

    package init(_ exports: ExportRecorder) { self.exports = exports }

    package func record(
        _ kind: ExportKind, count: Int, _ query: JSONObject, by reader: EvidenceReader
    ) async throws(EvidenceRefusal) {
        guard let query = try? JSONValue.object(query).canonical() else {
            throw .notRecorded("audit.bad_record")
        }
        do throws(LedgerRefusal) {
            _ = try await exports.record(kind, count: count, query: query, by: reader.name)
        } catch { throw .notRecorded(error.code) }
    }
}
