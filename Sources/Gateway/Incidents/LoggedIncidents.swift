package import InterlockAlerts
import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPorts

/// The incidents that a part of the log opens and does not close. A process that ends between a record and its row, or whose
/// store takes nothing, leaves them there alone.
package struct LoggedIncidents: Sendable {
    /// The records that `add` reads.
    package static let types: [RecordType] = [.incidentOpened, .incidentClosed]

    /// Their order is that of the log.
    package private(set) var open: [Incident] = []

    package init() {}

    /// Takes the next record; one of another type is passed over.
    ///
    /// - Returns: false for an opening or an end that this version cannot read.
    package mutating func add(_ record: StoredRecord) -> Bool {
        switch RecordType(rawValue: record.type) {
        case .incidentOpened:
            guard let incident = Incident(opening: record) else { return false }
            open.append(incident)
        case .incidentClosed:
            guard let id = record.text("inc").flatMap({ IncidentID($0) }) else { return false }
            open.removeAll { $0.id == id }
        default: break
        }
        return true
    }

    /// Keeps those that the store lacks.
    package func restore(in store: any IncidentStore) async throws(StoreFailure) {
        for incident in open {
            let known = try await store.incident(incident.id)
            if known == nil { try await store.keep(incident) }
        }
    }
}

extension Incident {
    /// The incident as its record states it. The reason of a person is a payload of the record, and is not read.
    ///
    /// - Returns: nil if the record has another form.
    fileprivate init?(opening record: StoredRecord) {
        guard let id = record.text("inc").flatMap({ IncidentID($0) }),
            let severity = record["sev"]?.integer, let opened = record.time
        else { return nil }
        let origin: IncidentOrigin
        if let code = record.text("code") {
            guard let trigger = IncidentTrigger(rawValue: code) else { return nil }
            origin = .gateway(trigger)
        } else if let by = record.text("by") {
            origin = .person(Pseudonym(text: by), reason: "")
        } else {
            origin = .earlier
        }
        self.init(
            id: id, severity: Int(clamping: severity),
            alarm: record.text("alarm").flatMap { AlertID($0) },
            agent: record.text("agent").flatMap { AgentName($0) },
            run: record.text("ofrun").flatMap { RunID($0) }, origin: origin, opened: opened)
        guard (record["alarm"] == nil) == (alarm == nil),
            (record["agent"] == nil) == (agent == nil), (record["ofrun"] == nil) == (run == nil)
        else { return nil }
    }
}
