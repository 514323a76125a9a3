package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview

/// The result of making one recorded decision again (R1).
package struct DecisionAgain: Sendable {
    package enum Comparison: Sendable, Equatable {
        case equal
        case differs([DecisionReplay.Difference])
        /// An input was erased, and the erasure is on record.
        case erased(String)
        /// An input is missing or altered, and no record explains it.
        case gone(String)
    }

    package let index: UInt64
    package let type: String
    package let call: String
    package let field: String
    package let summary: DecisionSummary?
    package let otherBuild: Digest?
    package let result: Comparison

    package init(
        index: UInt64, type: String, call: String, field: String, summary: DecisionSummary?,
        otherBuild: Digest?, result: Comparison
    ) {
        self.index = index
        self.type = type
        self.call = call
        self.field = field
        self.summary = summary
        self.otherBuild = otherBuild
        self.result = result
    }

    package var differs: Bool { if case .differs = result { true } else { false } }
    package var cannotTell: Bool { result != .equal && !differs }
    /// True if the evidence is bad: the decision differs, or an input is missing without an explanation.
    package var isBad: Bool {
        switch result {
        case .equal, .erased: false
        case .differs, .gone: true
        }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "index": .integer(Int64(clamping: index)), "type": .string(type),
            "call": .string(call), "input": .string(field),
        ]
        if let summary { object["decision"] = .object(JSONObject(distinct: summary.fields)) }
        if let otherBuild { object["other_build"] = .string(otherBuild.base64) }
        switch result {
        case .equal: object["result"] = "equal"
        case .erased(let what):
            object["result"] = "cannot_tell"
            object["why"] = .string(what)
        case .gone(let what):
            object["result"] = "gone"
            object["why"] = .string(what)
        case .differs(let differences):
            object["result"] = "differs"
            object["differences"] = .array(
                differences.map {
                    [
                        "field": .string($0.field), "recorded": .string($0.recorded),
                        "again": .string($0.again),
                    ]
                })
        }
        return .object(object)
    }
}

/// The results of making decisions again, in the order of the log.
package struct DecisionsReport: Sendable {
    package let decisions: [DecisionAgain]

    package init(_ decisions: [DecisionAgain]) { self.decisions = decisions }

    package var equal: Int { decisions.count { $0.result == .equal } }
    package var differing: Int { decisions.count { $0.differs } }
    package var untold: Int { decisions.count { $0.cannotTell } }
    package var isBad: Bool { decisions.contains { $0.isBad } }

    /// The builds of the program, other than this one, that made some of the decisions.
    package var otherBuilds: [Digest] {
        Set(decisions.compactMap(\.otherBuild)).sorted { $0.base64 < $1.base64 }
    }

    /// The totals.
    package var json: JSONValue {
        [
            "decisions": .integer(Int64(decisions.count)), "equal": .integer(Int64(equal)),
            "differences": .integer(Int64(differing)), "cannot_tell": .integer(Int64(untold)),
            "other_builds": .array(otherBuilds.map { .string($0.base64) }),
        ]
    }
}
