import InterlockJSON
package import InterlockModel

/// Which records a person asks for; what is nil says nothing. The index narrows by it, and every record
/// that is read again must match it, so that an edited index shows nothing that was not asked for.
package struct RecordFilter: Sendable, Equatable {
    /// From this time on, by the record's own clock.
    package var since: Timestamp?
    /// Before this time.
    package var until: Timestamp?
    /// Any of these; an empty set is matched by nothing.
    package var agents: Set<String>?
    package var subject: Pseudonym?
    /// As in the leaf: `server__tool`.
    package var tool: String?
    package var type: String?
    /// `allow`, `approve` or `deny`.
    package var decision: String?
    package var rule: String?
    /// Of a refusal, an end, a halt. The index does not hold it: what else is asked for narrows.
    package var code: String?
    package var run: String?

    package init() {}

    package func matches(_ record: StoredRecord) -> Bool {
        let time = record["ts"]?.integer ?? 0
        return since.map { time >= $0.microseconds } ?? true
            && until.map { time < $0.microseconds } ?? true
            && agents.map { record.text("agent").map($0.contains) ?? false } ?? true
            && (type == nil || type == record.type)
            && has(record, "subj", subject?.text) && has(record, "tool", tool)
            && has(record, "dec", decision) && has(record, "rule", rule)
            && has(record, "code", code) && has(record, "run", run)
    }

    private func has(_ record: StoredRecord, _ field: String, _ wanted: String?) -> Bool {
        wanted == nil || record.text(field) == wanted
    }
}
