import InterlockCluster
import InterlockClusterNodes
import InterlockJSON
import InterlockLedger
import InterlockPorts

/// Records each entry that the node has applied, so that the order of its log and of the chain is known
/// (docs/specs/cluster.md, section 7). Uses and ends of requests are not recorded: a use has a record in the log of its
/// node, and both can be as frequent as calls.
final class EntryRecorder: NodeListener {
    private let note: @Sendable (RecordDraft) -> Void

    /// - Parameter note: queues a record. Must not block.
    init(note: @escaping @Sendable (RecordDraft) -> Void) { self.note = note }

    func receive(_ notification: NodeNotification) {
        guard case .applied(let entry, _) = notification else { return }
        switch entry.kind {
        case .narrowing(.use), .narrowing(.end): return
        case .genesis, .widening, .narrowing: break
        }
        var fields: JSONObject = ["kind": .string(entry.kind.text)]
        fields.name(ChainReference(number: entry.number, digest: entry.digest))
        note(RecordDraft(.controlEntry, run: nil, fields: fields))
    }
}
