package import InterlockAlerts

/// Storage of incidents. Each method returns when its change is durable; the audit log holds each change too.
package protocol IncidentStore: IncidentReader {
    /// Inserts or replaces an incident.
    func keep(_ incident: Incident) async throws(StoreFailure)
    /// Returns the readable incidents, newest first.
    func incidents(most: Int) async throws(StoreFailure) -> [Incident]
    /// - Throws: also if the incident is stored and cannot be read.
    func incident(_ id: IncidentID) async throws(StoreFailure) -> Incident?
}

/// Read access to the incidents that people are handling.
package protocol IncidentReader: Sendable {
    /// Returns all open incidents, newest first.
    ///
    /// - Throws: also if one of them cannot be read, so that none is missed.
    func openIncidents() async throws(StoreFailure) -> [Incident]
}
