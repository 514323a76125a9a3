package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// A difference between the decisions of two revisions of a policy (docs/specs/policy.md, section 8.3).
package struct Difference: Sendable, Hashable {
    package enum Direction: String, Sendable, Hashable, Comparable {
        case narrows = "NARROWS"
        case widens = "WIDENS"
        /// Counts as widening.
        case notComparable = "NOT COMPARABLE"

        private var rank: Int {
            switch self {
            case .narrows: 0
            case .widens: 1
            case .notComparable: 2
            }
        }
        package static func < (a: Direction, b: Direction) -> Bool { a.rank < b.rank }
    }

    package let direction: Direction
    /// The agent, or nil if the difference concerns the whole organisation.
    package let agent: String?
    /// The tool, or the path of a value that is compared as data.
    package let subject: String
    /// The new verdict or value.
    package let new: String
    /// The old verdict or value.
    package let old: String
    /// Arguments that the revisions decide differently, confirmed by deciding them under both.
    package var witness: JSONValue?
    /// The time at which the witness applies, if it is not the requested time.
    package var time: String?
    /// The trust stage, if the difference appears only below the stage that the files state.
    package var stage: TrustStage?
    /// True if the difference appears only once nothing holds the agent.
    package var onceComplete = false
    /// True if nothing that is granted today is decided differently, only what people may grant later.
    package var isLatent = false
    /// The agent to which a grant is assumed, for a latent difference in a verdict.
    package var assumedGrant: AgentName?
    /// Additional lines for readers, such as both texts of guards that cannot be compared.
    package var notes: [String] = []

    /// The lines that `interlock policy diff` prints.
    package var text: String {
        let place = (agent.map { $0 + " " } ?? "") + subject
        let change: String
        if let witness {
            let arguments = String(decoding: witness.serialized(), as: UTF8.self)
            change = " \(new): \(arguments) was \(old)" + (time.map { " at \($0)" } ?? "")
        } else if new.isEmpty, old.isEmpty {
            change = ""
        } else {
            change = ": \(new) was \(old)"
        }
        let below = stage.map { " at stage \($0.rawValue)" } ?? ""
        let line = [direction.rawValue + " " + place + change + below] + circumstances
        return ([line.joined(separator: " ")] + notes.map { "  " + $0 })
            .joined(separator: "\n")
    }

    /// The assumptions under which the difference appears, if it does not appear today.
    package var circumstances: [String] {
        var words: [String] = []
        if onceComplete { words.append("once the agent is complete") }
        if isLatent {
            words.append(assumedGrant.map { "latent, for a future grant to \($0)" } ?? "latent")
        }
        return words
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "direction": .string(direction.rawValue.lowercased()), "subject": .string(subject),
            "new": .string(new), "old": .string(old),
        ]
        if let agent { object["agent"] = .string(agent) }
        if let witness { object["args"] = witness }
        if let time { object["now"] = .string(time) }
        if let stage { object["stage"] = .string(stage.rawValue) }
        if onceComplete { object["once_complete"] = true }
        if isLatent { object["latent"] = true }
        if let assumedGrant { object["grant_to"] = .string(assumedGrant.text) }
        if !notes.isEmpty { object["notes"] = .array(notes.map { .string($0) }) }
        return .object(object)
    }
}

extension Difference {
    /// A difference for the whole organisation in a value that is compared as data.
    package init(_ direction: Direction, _ subject: String, new: String, old: String) {
        self.init(direction: direction, agent: nil, subject: subject, new: new, old: old)
    }

    /// The difference with its witness.
    ///
    /// - Parameter now: the requested time.
    func shown(by input: CallInput, at now: Timestamp) -> Difference {
        var difference = self
        difference.witness = .object(input.arguments)
        // The form that `--at` accepts, with milliseconds only if they are not zero: a guard can depend on
        // them.
        let digits = input.now.milliseconds % 1000 == 0 ? 0 : 3
        if input.now.milliseconds != now.milliseconds {
            difference.time = input.now.rfc3339(fractionDigits: digits)
        }
        return difference
    }
}

extension PolicySnapshot {
    /// Returns the amounts of a difference's witness in their declared units, each with its raw value, such as
    /// `amount_cents: 500.00 EUR (50000)`.
    package func amounts(in difference: Difference) -> [String] {
        guard let tool = ToolAddress(dotted: difference.subject), let call = difference.witness
        else { return [] }
        return units(of: tool).amounts(in: call).map { "\($0.argument.name): \($0.text)" }
    }
}
