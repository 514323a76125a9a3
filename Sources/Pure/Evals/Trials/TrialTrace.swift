package import InterlockJSON
package import InterlockModel

/// The course of one trial of an agent case, by which it is scored (docs/specs/evals.md, section 3). The runner writes
/// it: what the agent says of itself is no part of it.
package struct TrialTrace: Sendable {
    /// A call that the agent tried.
    package struct Call: Sendable {
        /// Nil if the name that the agent sent is that of no tool.
        package let tool: ToolAddress?
        /// Nil if the arguments are no JSON object.
        package let arguments: JSONObject?
        /// The verdict of the policy; `deny` for a call that was refused before it was judged.
        package let verdict: Verdict
        /// Nil if no approval was asked for.
        package let approval: Approval?
        /// True if the call was sent to the server, whatever that answered.
        package let reachedUpstream: Bool

        package init(
            tool: ToolAddress?, arguments: JSONObject?, verdict: Verdict, approval: Approval?,
            reachedUpstream: Bool
        ) {
            self.tool = tool
            self.arguments = arguments
            self.verdict = verdict
            self.approval = approval
            self.reachedUpstream = reachedUpstream
        }
    }

    package enum Approval: Sendable, Hashable {
        /// Not answered when the trial ended.
        case pending
        case answered(ExpectedApprovals.Answer)
    }

    /// The way in which the agent's command ended.
    package enum Ending: Sendable, Hashable {
        case finished
        /// An exit code other than 0, a signal, or output above a limit: one line for people.
        case failed(String)
        case timedOut
    }

    /// The calls in the order in which the agent tried them.
    package let calls: [Call]
    package let ending: Ending
    /// The states of the scripted servers at the end, by the names of the servers.
    package let state: JSONObject
    package let gaps: [FixtureGap]

    package init(calls: [Call], ending: Ending, state: JSONObject, gaps: [FixtureGap]) {
        self.calls = calls
        self.ending = ending
        self.state = state
        self.gaps = gaps
    }

    package init(calls: [Call], ending: Ending, in world: World) {
        self.init(calls: calls, ending: ending, state: world.state, gaps: world.gaps)
    }

    /// The trial of an agent that does nothing, and says that it is done.
    package static func idle(in fixture: WorldFixture) -> TrialTrace {
        TrialTrace(calls: [], ending: .finished, in: World(fixture))
    }
}

extension AgentCase {
    /// The answer to an approval request of a trial. A case that expects none has each one rejected.
    package var approvalAnswer: ExpectedApprovals.Answer { approvals?.answer ?? .reject }
}
