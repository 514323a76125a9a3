import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy

extension Command {
    static let agentsWho = Command(
        "agents who EVENT", "show who is behind an event: agent, owner, approvers",
        example: "interlock agents who 66",
        options: Option.logSource + [.json],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes:
            "EVENT is an index, a leaf hash, a call id, `dec_...` or `apr_...`. Owners are those of today's policy, "
            + "and people are named as far as this deployment knows their pseudonyms. That you look is recorded first."
    ) { invocation in
        let text = invocation.positional[0]
        let name = try RecordName(argument: text)
        var search = try RecordSearch.telling(AuditLog(invocation))
        guard let event = try search.named(name).first else {
            throw Failure(.notFound, "there is no record `\(text)`")
        }
        let answer = try Accountability(of: event, &search)
        try AuditExport.record(
            kind: .show, count: answer.count, query: invocation.query, from: search.log.log)
        answer.print(search.log.log, json: invocation.isJSON)
        return search.unproved.isEmpty ? .ok : .no
    }
}

/// The chain from an event to the people: its call, the call's run, the run's agent; or its agent alone, of an event
/// outside of runs.
private struct Accountability {
    let event: ProvedRecord
    let story: CallTrace
    let start: ProvedRecord?

    /// - Throws: exit 66 if the event belongs to no agent.
    init(of event: ProvedRecord, _ search: inout RecordSearch) throws {
        self.event = event
        story = try CallTrace(of: event, &search)
        guard let run = story.decision?.record.text("run") ?? event.record.text("run") else {
            guard event.record.text("agent") != nil else {
                throw Failure(
                    .notFound, "record \(event.index) (\(event.record.type)) is of no agent")
            }
            start = nil
            return
        }
        var filter = RecordFilter()
        (filter.run, filter.type) = (run, RecordType.runStart.rawValue)
        start = try search.newest(filter, limit: 1).first
    }

    /// The number of distinct records in the output.
    var count: Int { Set(records.map(\.index)).count }

    private var records: [ProvedRecord] { story.records + [event] + [start].compactMap(\.self) }

    func print(_ log: AuditLog, json: Bool) {
        var object = object(PersonDirectory(log))
        if json {
            object["proved"] = records.proof
            return Output.json(.object(object))
        }
        for (key, value) in object.members {
            let text = value.plain
            let name = String(key.map { $0 == "_" ? " " : $0 })
            Output.line("\(name.padded(to: 14)) \(TerminalEscaping.shown(text))")
        }
        Output.line(records.statement)
    }

    private func object(_ people: PersonDirectory) -> JSONObject {
        let decided = (story.decision ?? event).record
        var object: JSONObject = [
            "event": .string("#\(event.index) \(event.record.type)"),
            "hash": .string(event.hash.base64),
        ]
        for (name, field) in [
            ("call", "call"), ("tool", "tool"), ("run", "run"), ("agent", "agent"),
        ] { object[name] = decided[field] ?? event.record[field] }
        let agent = object["agent"]?.string.flatMap(AgentName.init)
        let entry = agent.flatMap { people.policy?.agents[$0] }
        object["owner"] = entry?.owner.map { .string($0.address) }
        object["purpose"] = entry?.purpose.map(JSONValue.string)
        object["on_behalf_of"] = decided.text("subj").map { .string(people.name($0)) }
        object["run_started"] = start?.record["ts"]?.integer.map {
            .string(Timestamp(microseconds: $0).rfc3339(fractionDigits: 3))
        }
        object["approved_by"] =
            story.grants.isEmpty
            ? nil
            : .array(
                story.grants.compactMap { grant in
                    grant.record.text("by").map { .string(people.name($0)) }
                })
        for (name, field) in [("decision", "dec"), ("rule", "rule"), ("at", "at")] {
            object[name] = decided[field]
        }
        object["policy"] = decided.digest("pol").map { .string($0.prefixed) }
        object["policy_in_force"] = decided.digest("pol").map { .bool($0 == people.policy?.digest) }
        return object
    }
}
