package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The result of one entry of `tests`.
package struct PolicyTestResult: Sendable, Equatable {
    package enum Failure: Sendable, Hashable {
        case verdict(expected: Verdict)
        /// Neither the reason nor the rule is the one that the test names.
        case because(expected: String)
        case obligations(expected: [String], found: [String])
        /// The test has no `at`, and another time could give another decision.
        case readsClock
    }

    /// The name as written, or the agent and the call.
    package let name: String
    package let place: PolicyLocation
    /// The path of the entry: `tests[3]`.
    package let path: String
    package let agent: AgentName
    package let call: ToolAddress
    package let decision: Decision
    /// The decision at the stage and with the limits at which the agent is served, or nil if the test states
    /// its stage.
    package let served: Decision?
    /// The failures; empty if the test passed.
    package let failures: [Failure]
    /// Remarks about the test itself, for instance about arguments outside the pinned schema.
    package let notes: [String]

    package var passed: Bool { failures.isEmpty }

    /// The decision that is served, if its verdict is another one.
    package var servedOtherwise: Decision? {
        served.flatMap { $0.verdict == decision.verdict ? nil : $0 }
    }

    /// One line, such as `acme.yaml:126:5 FAIL code-fix deploy.rollback: deny no-grant, expected approve`.
    package var text: String {
        let found = "\(decision.verdict) \(decision.rule)"
        let rest =
            failures.map { ", " + $0.text }.joined() + notes.map { "; " + $0 }.joined()
            + (servedOtherwise.map {
                "; served at stage \($0.stage.rawValue): \($0.verdict) \($0.rule)"
            }
                ?? "")
        return "\(place) \(passed ? "ok" : "FAIL") \(name): \(found)\(rest)"
    }

    package var json: JSONValue {
        [
            "name": .string(name), "at": .string(place.description), "path": .string(path),
            "agent": .string(agent.text), "call": .string(call.description),
            "passed": .bool(passed), "verdict": .string(decision.verdict.description),
            "reason": .string(decision.reason.rawValue), "rule": .string(decision.rule),
            "served": served.map { .string($0.verdict.description) } ?? .null,
            "failures": .array(failures.map { .string($0.text) }),
            "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension PolicyTestResult.Failure {
    package var text: String {
        switch self {
        case .verdict(let expected): "expected \(expected)"
        case .because(let expected): "expected because of `\(expected)`"
        case .obligations(let expected, let found):
            "expected obligations [\(expected.joined(separator: ", "))], found "
                + "[\(found.joined(separator: ", "))]"
        case .readsClock: "the decision depends on the time, and the test has no `at`"
        }
    }
}
