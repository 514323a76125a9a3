package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// A server of the matrix, with the numbers of its tools in the policy's table.
struct MatrixColumn {
    let server: ServerName
    let tools: Range<Int>
}

/// The loosest outcome that calls of an agent to the tools of one server can receive.
package struct MatrixCell: Sendable, Hashable {
    /// The most permissive verdict that some call receives, a denial if every call is denied, or nil if nothing gives
    /// the agent a tool of the server.
    package let verdict: Verdict?
    /// The condition in words if the verdict holds for some calls alone.
    package let condition: String?
    /// The number of tools that something gives the agent.
    package let tools: Int
    /// True if people may have to decide a call.
    let needsPeople: Bool

    package init(verdict: Verdict?, condition: String?, tools: Int, needsPeople: Bool) {
        self.verdict = verdict
        self.condition = condition
        self.tools = tools
        self.needsPeople = needsPeople
    }

    package var outcome: MatrixFilter.Outcome {
        switch verdict {
        case nil: .none
        case .allow: .allowed
        case .approve: .approval
        case .deny: .denied
        }
    }

    /// The outcome without its condition, such as `2 people`.
    package var words: String {
        switch verdict {
        case nil: "none"
        case .allow: "allowed"
        case .approve(1): "1 person"
        case .approve(let people): "\(people) people"
        case .deny: "denied"
        }
    }
}

extension MatrixCell {
    /// - Parameter effect: leaves out tools without calls of this effect.
    init(_ reach: AgentReach, _ column: MatrixColumn, _ effect: Effect?) {
        let isHeld = reach.terms.stage == .observe
        var count = 0
        var loosest: Verdict?
        var needsPeople = false
        // The first tool with the loosest verdict under a condition, and the number of those after it.
        var first: (tool: Int, reach: ToolReach)?
        var others = 0
        var isUnconditional = false
        for (number, tool) in reach.tools where column.tools.contains(number) {
            guard let stated = effect.map(tool.loosest(with:)) ?? tool.loosest else { continue }
            count += 1
            let verdict = isHeld ? Verdict.deny : stated
            needsPeople = needsPeople || (!isHeld && tool.needsPeople)
            if loosest.map({ verdict < $0 }) ?? true {
                loosest = verdict
                first = nil
                others = 0
                isUnconditional = false
            }
            guard verdict == loosest else { continue }
            if verdict == .deny || !(tool.isConditional || verdict != tool.loosest) {
                isUnconditional = true
            } else if first == nil {
                first = (number, tool)
            } else {
                others += 1
            }
        }
        let condition = isUnconditional ? nil : first
        self.init(
            verdict: loosest,
            condition: condition.map { _, tool in
                tool.sentence
                    + (others > 0
                        ? "; and \(others) more \(others == 1 ? "tool" : "tools") of it" : "")
            }, tools: count, needsPeople: needsPeople)
    }
}
