import InterlockJSON
package import InterlockModel

/// The criteria of a search for records; a criterion of nil is not applied. The index narrows the search, and every
/// record that is read again must match, so that a manipulated index cannot show records that were not requested.
package struct RecordFilter: Sendable, Equatable {
    /// The earliest time, by the record's own clock.
    package var since: Timestamp?
    /// The time before which the records must lie.
    package var until: Timestamp?
    /// The agents, any of which matches; an empty set matches no record.
    package var agents: Set<String>?
    package var subject: Pseudonym?
    /// The tool as in the leaf, `server__tool`.
    package var tool: String?
    package var type: String?
    /// The decision: `allow`, `approve` or `deny`.
    package var decision: String?
    package var rule: String?
    /// The code of a refusal, an end or a halt. The index does not contain it, so only the other criteria narrow the
    /// search.
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
