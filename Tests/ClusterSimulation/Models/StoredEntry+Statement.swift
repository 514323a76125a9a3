import InterlockCluster
import InterlockModel

extension StoredEntry {
    /// The statement in the body, of which no signature is verified; nil if it has none.
    var statement: ControlStatement? {
        guard let body, let envelope = try? Envelope(parsing: body, payloadLimit: EntryLimits.body)
        else { return nil }
        return try? ControlStatement(parsing: envelope.payload)
    }
}
