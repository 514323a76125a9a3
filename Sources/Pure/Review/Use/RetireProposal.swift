import InterlockJSON
package import InterlockModel

/// The rights that a review proposes to take from agents: tools without use, and caps of which less than half is used
/// (docs/specs/trust-and-review.md, section 7, part 3). It only narrows, and is applied by people alone.
package struct RetireProposal: Sendable, Hashable {
    package enum Change: Sendable, Hashable {
        /// The grant of the tool is removed.
        case remove
        /// The cap of an argument becomes lower.
        case lower(argument: String, from: Int64, to: Int64)
    }

    package struct Item: Sendable, Hashable {
        package let agent: AgentName
        package let tool: ToolAddress
        package let change: Change

        package init(agent: AgentName, tool: ToolAddress, change: Change) {
            self.agent = agent
            self.tool = tool
            self.change = change
        }

        /// `AGENT SERVER.TOOL`, with ` ARGUMENT` for a cap: the name of the item in documents.
        package var text: String {
            switch change {
            case .remove: "\(agent) \(tool)"
            case .lower(let argument, _, _): "\(agent) \(tool) \(argument)"
            }
        }

        /// The change in words.
        package var words: String {
            switch change {
            case .remove: "\(agent): remove \(tool), which no call used"
            case .lower(let argument, let old, let new):
                "\(agent): \(tool) with \(argument) of at most \(new), now \(old)"
            }
        }
    }

    package let items: [Item]

    package init(items: [Item]) { self.items = items }

    /// The least window in which a tool without use is unused.
    package static let window = Duration.seconds(90 * 86_400)

    /// The period in which nothing may have used a tool: that of the review, and at least `window`.
    package static func window(of period: ReviewPeriod) -> ReviewPeriod {
        let start = min(period.start, period.end - window)
        return ReviewPeriod(from: start, to: period.end) ?? period
    }

    /// - Parameters:
    ///   - use: the use in the window of `window(of:)`.
    ///   - wasGranted: returns true if all policies of the window granted the tool. A new tool had no time to be used.
    ///   - declined: the texts of items that the last review declined, which lasts one period.
    package init(
        _ use: ScopeUse, declined: [String] = [],
        whereGranted wasGranted: (AgentName, ToolAddress) -> Bool
    ) {
        let declined = Set(declined.map { ExactText($0) })
        var items: [Item] = []
        for tool in use.tools {
            if tool.state != .used {
                guard wasGranted(tool.agent, tool.tool) else { continue }
                items.append(Item(agent: tool.agent, tool: tool.tool, change: .remove))
                continue
            }
            for argument in tool.arguments {
                guard let cap = argument.narrowed else { continue }
                items.append(
                    Item(
                        agent: tool.agent, tool: tool.tool,
                        change: .lower(argument: argument.name, from: argument.cap, to: cap)))
            }
        }
        self.items = items.filter { !declined.contains(ExactText($0.text)) }
    }
}

extension ArgumentUse {
    /// Half of the cap if no call used more than that; nil if one did, or if the value of one is not known.
    var narrowed: Int64? {
        guard unread == 0, count > 0, let largest, cap > 0, largest < (cap + 1) / 2 else {
            return nil
        }
        return cap / 2
    }
}

/// The decision on one item of a proposal.
package struct RetireDecision: Sendable, Hashable {
    /// The text of the item.
    package let item: String
    /// Nil if it is accepted; the reason if it is declined, for one period.
    package let declined: String?

    package init(item: String, declined: String?) {
        self.item = item
        self.declined = declined
    }
}
