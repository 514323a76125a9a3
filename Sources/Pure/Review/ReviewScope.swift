import InterlockJSON
package import InterlockModel

package enum ReviewTag {}
/// The id of one review.
package typealias ReviewID = Identifier<ReviewTag>

/// The subject of a review (docs/specs/trust-and-review.md, section 7).
package enum ReviewScope: Sendable, Hashable {
    case agent(AgentName)
    /// The organisation as a whole, with all agents.
    case org

    /// `agent:NAME` or `org`, the form in documents and records.
    package var text: String {
        switch self {
        case .agent(let name): "agent:" + name.text
        case .org: "org"
        }
    }

    /// - Returns: nil unless it is the form of `text`.
    package init?(_ text: String) {
        if sameBytes(text, "org") {
            self = .org
            return
        }
        guard text.utf8.starts(with: "agent:".utf8), let name = AgentName(String(text.dropFirst(6)))
        else { return nil }
        self = .agent(name)
    }

    /// - Parameter agent: nil for the organisation.
    package init(of agent: AgentName?) {
        if let agent { self = .agent(agent) } else { self = .org }
    }

    /// Nil for the organisation.
    package var agent: AgentName? {
        if case .agent(let name) = self { name } else { nil }
    }
}

/// The time that a review covers: from `start` on and before `end`, in whole seconds.
package struct ReviewPeriod: Sendable, Hashable {
    package let start: Timestamp
    package let end: Timestamp

    /// The longest period.
    package static let longest = Duration.seconds(400 * 86_400)

    /// - Returns: nil if it is empty or longer than `longest`.
    package init?(from start: Timestamp, to end: Timestamp) {
        let start = start.wholeSecond
        let end = end.wholeSecond
        guard start < end, end - start <= Self.longest else { return nil }
        self.start = start
        self.end = end
    }

    package func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}
