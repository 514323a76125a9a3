package import InterlockJSON
package import InterlockModel

/// A record in the form of the Open Cybersecurity Schema Framework, version 1.1.0, for SIEMs (docs/specs/ledger.md,
/// section 16). Outside names are mapped here and are never in records.
///
/// Calls are API Activity (6003), alerts and incidents Detection Findings (2004), and all other records Base Events (0), so
/// that no record is left out. A field without an attribute is in `unmapped`, under the names of the record.
package struct OCSFEvent {
    /// The version of the schema that `metadata.version` states.
    package static let version = "1.1.0"

    private let record: StoredRecord
    private let hash: Digest
    private let index: UInt64
    private let origin: String
    private let program: String

    /// - Parameters:
    ///   - origin: the name of the log.
    ///   - program: the version of the program that exports.
    package init(
        _ record: StoredRecord, hash: Digest, index: UInt64, origin: String, program: String
    ) {
        self.record = record
        self.hash = hash
        self.index = index
        self.origin = origin
        self.program = program
    }

    private enum Class: Int64 {
        case base = 0
        case detectionFinding = 2_004
        case apiActivity = 6_003

        var category: Int64 { rawValue / 1_000 }
    }

    private var kind: Class {
        if record.type.hasPrefix("call.") { return .apiActivity }
        let findings = ["alarm.", "incident."]
        return findings.contains { record.type.hasPrefix($0) } ? .detectionFinding : .base
    }

    package var json: JSONValue {
        let kind = kind
        let activity = activity(of: kind)
        var object: JSONObject = [
            "activity_id": .integer(activity), "category_uid": .integer(kind.category),
            "class_uid": .integer(kind.rawValue), "message": .string(record.type),
            "metadata": metadata, "severity_id": .integer(severity),
            "time": .integer((record["ts"]?.integer ?? 0) / 1_000),
            "type_uid": .integer(kind.rawValue * 100 + activity),
        ]
        switch kind {
        case .base: break
        case .apiActivity: addCall(to: &object)
        case .detectionFinding: addFinding(to: &object)
        }
        object["unmapped"] = .object(record.object)
        return .object(object)
    }

    private var metadata: JSONValue {
        [
            "event_code": .string(record.type), "log_name": .string(origin),
            "product": [
                "name": "Interlock", "vendor_name": "Interlock", "version": .string(program),
            ],
            "sequence": .integer(Int64(clamping: index)), "uid": .string(hash.base64),
            "version": .string(Self.version),
        ]
    }

    /// 0 is unknown and 99 another one.
    private func activity(of kind: Class) -> Int64 {
        switch kind {
        case .base: return 99
        case .apiActivity:
            switch record.text("risk") {
            case "read": return 2
            case "write": return 3
            case "destructive": return 4
            case nil: return 0
            default: return 99
            }
        case .detectionFinding:
            switch record.type {
            case RecordType.alarmRaised.rawValue, RecordType.incidentOpened.rawValue: return 1
            case RecordType.incidentClosed.rawValue: return 3
            default: return 2
            }
        }
    }

    /// 1 is informational, 2 low, 3 medium, 4 high, 5 critical.
    private var severity: Int64 {
        switch record.type {
        case RecordType.callDenied.rawValue: return 3
        case RecordType.alarmRaised.rawValue:
            switch record.text("sev") {
            case "page": return 5
            case "high": return 4
            case "low": return 2
            default: return 1
            }
        case RecordType.incidentOpened.rawValue:
            switch record["sev"]?.integer {
            case 1: return 5
            case 2: return 4
            default: return 3
            }
        default: return record.type.hasPrefix("kill.") ? 4 : 1
        }
    }

    private func addCall(to object: inout JSONObject) {
        let (agent, run) = (record.text("agent"), record.text("run"))
        let tool = record.text("tool")
        var actor: JSONObject = ["app_name": .string(agent ?? "unknown")]
        actor["session"] = run.map { ["uid": .string($0)] }
        actor["user"] = record.text("subj").map { ["uid": .string($0)] }
        object["actor"] = .object(actor)
        var api: JSONObject = ["operation": .string(tool ?? record.type)]
        api["request"] = record.text("call").map { ["uid": .string($0)] }
        api["service"] = tool.flatMap { $0.split(separator: "_").first }.map {
            ["name": .string(String($0))]
        }
        object["api"] = .object(api)
        var source: JSONObject = ["svc_name": .string(agent ?? "unknown")]
        source["uid"] = run.map { .string($0) }
        object["src_endpoint"] = .object(source)
        guard let isDone else { return }
        object["status_id"] = .integer(isDone ? 1 : 2)
        object["status_code"] = (record.text("code") ?? record.text("st")).map { .string($0) }
    }

    /// Is nil if the record does not say whether the call was done.
    private var isDone: Bool? {
        switch record.type {
        case RecordType.callDenied.rawValue: false
        case RecordType.callOutcome.rawValue: record.text("st") == "ok"
        default: nil
        }
    }

    private func addFinding(to object: inout JSONObject) {
        let isIncident = record.type.hasPrefix("incident.")
        let id = record.text(isIncident ? "inc" : "alarm")
        let title = record.text("code") ?? (isIncident ? "incident" : record.type)
        object["finding_info"] = [
            "title": .string(title), "uid": .string(id ?? hash.base64),
        ]
        object["status_id"] = .integer(findingStatus)
        object["resources"] = record.text("agent").map { agent in
            [["name": .string(agent), "type": "agent"]]
        }
    }

    /// 1 is new, 2 in progress, 3 suppressed, 4 resolved.
    private var findingStatus: Int64 {
        switch record.type {
        case RecordType.alarmRaised.rawValue, RecordType.incidentOpened.rawValue: return 1
        case RecordType.incidentClosed.rawValue: return 4
        case RecordType.alarmDisposed.rawValue:
            return ["expected", "false"].contains(record.text("as")) ? 3 : 2
        default: return 2
        }
    }
}
