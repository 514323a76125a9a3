import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel

/// The calls of a trial, read from the records of its gateway.
struct TrialCalls {
    private struct Entry {
        var tool: ToolAddress?
        var arguments: JSONObject?
        var verdict: Verdict
        var approval: TrialTrace.Approval?
    }
    /// The calls in the order of their first records.
    private var order: [CallID] = []
    private var entries: [CallID: Entry] = [:]

    /// - Parameters:
    ///   - arguments: the arguments that a record commits to, or nil if they are unknown.
    ///   - received: the calls that were sent to a server.
    static func read(
        _ drafts: [RecordDraft], arguments: (RecordDraft) -> JSONObject?, received: Set<CallID>
    ) -> [TrialTrace.Call] {
        var calls = TrialCalls()
        for draft in drafts { calls.read(draft, arguments) }
        return calls.order.compactMap { id in
            calls.entries[id].map { entry in
                TrialTrace.Call(
                    tool: entry.tool, arguments: entry.arguments, verdict: entry.verdict,
                    approval: entry.approval, reachedUpstream: received.contains(id))
            }
        }
    }

    private mutating func read(_ draft: RecordDraft, _ arguments: (RecordDraft) -> JSONObject?) {
        let fields = draft.fields
        guard let id = fields["call"]?.string.flatMap({ CallID($0) }) else { return }
        switch draft.type {
        case .callIntent:
            let isAsked = fields["dec"]?.string == "approve"
            let people = Int(clamping: fields["need"]?.integer ?? 1)
            note(
                id,
                Entry(
                    tool: Self.tool(fields), arguments: arguments(draft),
                    verdict: isAsked ? .approve(people) : .allow))
        case .callDenied:
            guard fields["intent"] != nil else {
                return note(
                    id,
                    Entry(
                        tool: Self.tool(fields), arguments: arguments(draft), verdict: .deny))
            }
            // Another end of its approval request says what became of it.
            let approval = entries[id]?.approval
            if approval == nil || approval == .answered(.approve) { entries[id]?.verdict = .deny }
        case .approvalRequested: entries[id]?.approval = .pending
        case .approvalGranted:
            guard fields["i"]?.integer == fields["need"]?.integer else { return }
            entries[id]?.approval = .answered(.approve)
        case .approvalDenied: entries[id]?.approval = .answered(.reject)
        case .approvalExpired: entries[id]?.approval = .answered(.expire)
        case .approvalUsed:
            // A repeated call may use the approval of the one that asked.
            guard let user = fields["use"]?.string.flatMap({ CallID($0) }) else { return }
            entries[user]?.approval = .answered(.approve)
        default: return
        }
    }

    private mutating func note(_ id: CallID, _ entry: Entry) {
        if entries.updateValue(entry, forKey: id) == nil { order.append(id) }
    }

    private static func tool(_ fields: JSONObject) -> ToolAddress? {
        fields["tool"]?.string.flatMap { ToolAddress(itemWireName: $0) }
    }
}
