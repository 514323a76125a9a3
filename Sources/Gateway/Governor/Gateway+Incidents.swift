package import InterlockAlerts

extension Gateway {
    /// Tells the ladder of an incident whose record is durable.
    package func respond(to incident: Incident) { ports.ladder.take(opened: incident) }
}
