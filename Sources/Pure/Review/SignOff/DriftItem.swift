package import InterlockModel

/// A change since the last review that asks for the classes and effects of a tool, or the tier of an agent, to be judged
/// again (docs/specs/trust-and-review.md, section 7, part 4).
package struct DriftItem: Sendable, Hashable {
    package enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The description, schema or annotations of a tool changed.
        case toolChanged = "tool-changed"
        case newVersion = "new-version"
        case serverUntrusted = "server-untrusted"
        /// A result showed an effect that the policy does not declare.
        case undeclaredEffect = "undeclared-effect"
        case incident
        /// A merge check of a change of the gate itself: its required checks, reviewers, limits or policy (section 10).
        case gateChanged = "gate-changed"
    }

    /// The end of an item.
    package enum Outcome: Sendable, Hashable {
        case keep
        case raise
        /// A second person signs off as well.
        case lower(second: Person)

        package var word: String {
            switch self {
            case .keep: "keep"
            case .raise: "raise"
            case .lower: "lower"
            }
        }
    }

    package let cause: Cause
    /// The server, the tool as `server.tool`, the incident, or the head commit; 1 to 200 bytes.
    package let subject: String
    /// The record that shows it.
    package let leaf: Digest
    /// Nil while it is open.
    package let outcome: Outcome?

    package init(
        _ cause: Cause, subject: String, leaf: Digest, outcome: Outcome? = nil
    ) {
        self.cause = cause
        self.subject = subject
        self.leaf = leaf
        self.outcome = outcome
    }
}

extension DriftItem {
    /// The items that a sign-off holds. If there are more, the last one is about all others and says how many they are: its
    /// record is the first of theirs, and `interlock review findings` lists them.
    package static func bounded(_ all: [DriftItem]) -> [DriftItem] {
        let most = ReviewSignOff.mostItems
        guard all.count > most else { return all }
        let first = all[most - 1]
        return Array(all.prefix(most - 1)) + [
            DriftItem(
                first.cause, subject: "\(all.count - most + 1) further items, from this record on",
                leaf: first.leaf)
        ]
    }
}
