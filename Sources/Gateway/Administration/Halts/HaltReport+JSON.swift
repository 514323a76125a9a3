import InterlockGovernor
package import InterlockJSON
package import InterlockModel

/// The JSON form (docs/specs/kill-switch.md, section 9) for `kill --json`, the API and the console.
extension HaltReport {
    package var json: JSONValue {
        [
            "halt": .string(order.id.text), "scope": .string(order.target.scope),
            "target": .string(order.target.target), "epoch": .integer(epoch),
            "ordered": .string(order.at.rfc3339(fractionDigits: 3)),
            "state": .string(state.rawValue), "points": .array(points.map(\.json)),
            "manual": .array(
                manual.map { cut in
                    [
                        "call": .string(cut.call.text), "tool": .string(cut.address.description),
                        "sent": .string(cut.sent.rfc3339(fractionDigits: 3)),
                    ]
                }),
            "violations": .array(violations.map { .string($0.text) }),
        ]
    }
}

extension PointReport {
    package var json: JSONValue {
        var object: JSONObject = ["point": .string(point), "state": .string(state.rawValue)]
        object["note"] = note.map(JSONValue.string)
        guard state != .notPresent else { return .object(object) }
        object["ms"] = .integer(duration.microseconds / 1000)
        object["denied"] = .integer(Int64(denied))
        object["cancelled"] = .integer(Int64(cancelled))
        object["unknown"] = .integer(Int64(unknown))
        object["left"] = .integer(Int64(left))
        return .object(object)
    }
}

extension HaltService {
    /// The halts in force and the enforcement points.
    package var standing: JSONValue {
        let active = gateway.halts.halts.active.values.sorted { $0.id.text < $1.id.text }
        return [
            "epoch": .integer(epoch), "node": .string(node),
            "points": .array(points.map(\.json)),
            "halts": .array(
                active.map { halt in
                    [
                        "id": .string(halt.id.text), "scope": .string(halt.target.scope),
                        "target": .string(halt.target.target), "reason": .string(halt.reason),
                        "at": .string(halt.at.rfc3339(fractionDigits: 3)),
                    ]
                }),
        ]
    }
}

extension ReleaseDraft.Progress {
    package var json: JSONValue {
        switch self {
        case .waiting(let have, let need):
            ["state": "waiting", "have": .integer(Int64(have)), "need": .integer(Int64(need))]
        case .ready: ["state": "released"]
        case .expired: ["state": "expired"]
        }
    }
}
