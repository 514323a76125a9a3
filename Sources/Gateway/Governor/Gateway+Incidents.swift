package import InterlockAlerts

extension Gateway {
    /// Passes an incident whose record is durable to the ladder.
    package func respond(to incident: Incident) { ports.ladder.take(opened: incident) }
}
