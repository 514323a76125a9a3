package import InterlockJSON
package import InterlockModel

/// The result of one act or check.
package struct SelfTestResult: Sendable, Hashable {
    /// The stable id, as in evidence packs.
    package let id: String
    package let passed: Bool
    /// The observation, in words.
    package let text: String
    /// The remedy; nil if it passed.
    package let remedy: String?

    package init(id: String, passed: Bool, text: String, remedy: String? = nil) {
        self.id = id
        self.passed = passed
        self.text = text
        self.remedy = passed ? nil : remedy
    }

    package var json: JSONValue {
        [
            "id": .string(id), "result": .string(passed ? "pass" : "fail"),
            "text": .string(text), "remedy": remedy.map(JSONValue.string) ?? .null,
        ]
    }
}

/// One self-test of a deployment.
package struct SelfTestReport: Sendable, Hashable {
    package let id: OrderID
    package let started: Timestamp
    package let ended: Timestamp
    package let policy: Digest
    /// One result of each act, in their order.
    package let acts: [SelfTestResult]
    /// One result of each check of the deployment, in their order.
    package let checks: [SelfTestResult]

    package init(
        id: OrderID, started: Timestamp, ended: Timestamp, policy: Digest,
        acts: [SelfTestResult], checks: [SelfTestResult]
    ) {
        self.id = id
        self.started = started
        self.ended = ended
        self.policy = policy
        self.acts = acts
        self.checks = checks
    }

    /// True if each act was made and had the expected answer. Checks of how the deployment is set up do not count.
    package var passed: Bool {
        acts.map(\.id) == SelfTestCase.allCases.map(\.rawValue) && acts.allSatisfy(\.passed)
    }

    /// The results of all acts and checks.
    package var results: [SelfTestResult] { acts + checks }

    package var failures: [SelfTestResult] { results.filter { !$0.passed } }

    package var json: JSONValue {
        [
            "v": 1, "kind": "interlock.selftest", "id": .string(id.text),
            "started": .string(started.rfc3339(fractionDigits: 0)),
            "ended": .string(ended.rfc3339(fractionDigits: 0)), "policy": .string(policy.prefixed),
            "passed": .bool(passed), "acts": .array(acts.map(\.json)),
            "checks": .array(checks.map(\.json)),
        ]
    }
}
