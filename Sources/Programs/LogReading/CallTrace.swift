import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy

/// The records of one call, from the decision to its end, or a single record that belongs to no call.
package struct CallTrace {
    /// The records, oldest first, each with a verified inclusion proof.
    package let records: [ProvedRecord]

    /// - Parameter record: any record of the call.
    package init(of record: ProvedRecord, _ search: inout RecordSearch) throws {
        guard let call = record.record.text("call") else {
            records = [record]
            return
        }
        records = try search.named(.call(call))
    }

    /// The record with the decision: the intent, or the refusal if there is no intent.
    package var decision: ProvedRecord? {
        records.first { $0.record.type == RecordType.callIntent.rawValue }
            ?? records.first { $0.record["dec"] != nil } ?? records.first
    }

    package var approvals: [ProvedRecord] {
        records.filter { $0.record.type.hasPrefix("approval.") }
    }

    package var grants: [ProvedRecord] {
        records.filter { $0.record.type == RecordType.approvalGranted.rawValue }
    }

    /// The record of the call's end; a late outcome takes precedence over `unknown`.
    package var end: ProvedRecord? { records.last { Self.endings.contains($0.record.type) } }

    private static let endings: Set<String> = [
        RecordType.callOutcome.rawValue, RecordType.callUnknown.rawValue,
        RecordType.callDenied.rawValue,
    ]
}

extension CallTrace {
    /// Prints the decision with its rule and policy, the approvals, and the receipt of each record.
    package func print(_ log: AuditLog, json: Bool) {
        let people = PersonDirectory(log)
        json ? printJSON(people) : printText(people)
    }

    private func printJSON(_ people: PersonDirectory) {
        var object = JSONObject()
        for (name, field) in Self.facts { object[name] = decision?.record[field] }
        object["policy_in_force"] = decision?.record.digest("pol").map {
            .bool($0 == people.policy?.digest)
        }
        object["approvals"] = .array(approvals.map { .object(line($0, people)) })
        object["ended"] = end.map { .object(line($0, people)) }
        object["receipts"] = .array(
            records.map {
                [
                    "index": .count($0.index), "hash": .string($0.hash.base64),
                    "type": .string($0.record.type),
                ]
            })
        object["proved"] = records.proof
        Output.json(.object(object))
    }

    private func printText(_ people: PersonDirectory) {
        func line(_ name: String, _ text: String) {
            Output.line(
                "\(TerminalEscaping.shown(name).padded(to: 12)) \(TerminalEscaping.shown(text))")
        }
        for (name, field) in Self.facts where field != "pol" {
            if let value = decision?.record[field] {
                line(name, value.string ?? value.json)
            }
        }
        if let policy = decision?.record.digest("pol") {
            let current = policy == people.policy?.digest ? "in force now" : "not in force now"
            line("policy", "\(policy.prefixed) (\(current))")
        }
        for approval in approvals {
            let record = approval.record
            let who = record.text("by").map { "by \(people.name($0)) " } ?? ""
            line(record.type, "\(who)\(record.text("via") ?? "") #\(approval.index)")
        }
        if let end {
            line("ended", end.record.text("st") ?? end.record.text("code") ?? end.record.type)
        }
        for record in records {
            line("receipt", "#\(record.index) \(record.record.type) \(record.hash.base64)")
        }
        Output.line(records.statement)
    }

    private func line(_ shown: ProvedRecord, _ people: PersonDirectory) -> JSONObject {
        var object: JSONObject = ["index": .count(shown.index), "type": .string(shown.record.type)]
        for field in ["appr", "via", "st", "code", "group", "need", "i"] {
            object[field] = shown.record[field]
        }
        if let by = shown.record.text("by") {
            object["by"] = .string(by)
            object["person"] = people.person(by).map { .string($0.address) }
        }
        return object
    }

    private static let facts = [
        ("call", "call"), ("tool", "tool"), ("decision", "dec"), ("rule", "rule"), ("at", "at"),
        ("code", "code"), ("class", "risk"), ("need", "need"), ("obligations", "obl"),
        ("policy", "pol"),
    ]
}
