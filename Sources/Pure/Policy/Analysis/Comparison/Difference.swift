package import InterlockJSON
package import InterlockModel

/// One way in which a revision of a policy decides otherwise (specs of the policy, 8.3).
package struct Difference: Sendable, Hashable {
    package enum Direction: String, Sendable, Hashable, Comparable {
        case narrows = "NARROWS"
        case widens = "WIDENS"
        /// Counts as wider.
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
    /// nil for what concerns the whole organisation.
    package let agent: String?
    /// The tool, or the path of what is compared as data.
    package let subject: String
    /// What holds now: a verdict, or a value.
    package let new: String
    /// What held before.
    package let old: String
    /// Arguments that are decided otherwise: evaluated on both sides.
    package var witness: JSONValue?
    /// The time of the witness, when another than the one that was asked about.
    package var time: String?
    /// Where it shows only at a stage below that of the files.
    package var stage: TrustStage?
    /// More lines for people: both texts of what cannot be compared.
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
        return ([direction.rawValue + " " + place + change + below] + notes.map { "  " + $0 })
            .joined(separator: "\n")
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
        if !notes.isEmpty { object["notes"] = .array(notes.map { .string($0) }) }
        return .object(object)
    }
}

extension Timestamp {
    /// As `--at` takes it: whole, since a guard can ask for a millisecond, and short where that is all.
    var ofWitness: String { rfc3339(fractionDigits: milliseconds % 1000 == 0 ? 0 : 3) }
}
