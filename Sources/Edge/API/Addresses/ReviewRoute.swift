package import InterlockMarkup
package import InterlockModel

/// The pages of the governance review of an agent, or of the organisation.
package struct ReviewRoute: Equatable {
    package enum Step: Equatable {
        case summary
        /// The form that starts a review.
        case start
        /// A statement of a reviewer about another part than the sample.
        case statement
        /// A record of the sample, by its leaf hash.
        case record(Digest)
        case mark(Digest)
        /// The scopes against their use.
        case scopes
        /// The retire proposal, as a file.
        case patch
    }

    /// Nil for the organisation.
    package let agent: AgentName?
    package let step: Step

    package init(_ agent: AgentName?, _ step: Step = .summary) {
        self.agent = agent
        self.step = step
    }

    /// - Parameter parts: all components of the path.
    init?(_ parts: [String]) {
        guard parts.count >= 3, parts[0] == "agents" else { return nil }
        if parts[1] == "reviews", parts[2] == "org" {
            agent = nil
        } else {
            guard let name = AgentName(parts[1]), parts[2] == "review" else { return nil }
            agent = name
        }
        let rest = Array(parts.dropFirst(3))
        switch rest {
        case []: step = .summary
        case ["start"]: step = .start
        case ["statement"]: step = .statement
        case ["scopes"]: step = .scopes
        case ["retire.patch"]: step = .patch
        default:
            guard (2...3).contains(rest.count), rest[0] == "records",
                let leaf = Digest(hex: rest[1]), leaf.hex == rest[1],
                rest.count == 2 || rest[2] == "mark"
            else { return nil }
            step = rest.count == 2 ? .record(leaf) : .mark(leaf)
        }
    }

    var isDeed: Bool {
        switch step {
        case .start, .statement, .mark: true
        case .summary, .record, .scopes, .patch: false
        }
    }

    var isFile: Bool { step == .patch }

    package var link: Link {
        let (first, second) = agent.map { ($0.text, "review") } ?? ("reviews", "org")
        return switch step {
        case .summary: Link("agents", first, second)
        case .start: Link("agents", first, second, "start")
        case .statement: Link("agents", first, second, "statement")
        case .record(let leaf): Link("agents", first, second, "records", leaf.hex)
        case .mark(let leaf): Link("agents", first, second, "records", leaf.hex, "mark")
        case .scopes: Link("agents", first, second, "scopes")
        case .patch: Link("agents", first, second, "retire.patch")
        }
    }
}
