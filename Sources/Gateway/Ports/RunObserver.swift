package import InterlockJSON
package import InterlockModel

/// Observes runs elsewhere than at the hook of their coding agent (docs/specs/coding-agents.md, section 10).
///
/// Called from any thread, on the path of calls: it must not block. It decides about no call.
package protocol RunObserver: Sendable {
    /// Notes a call of a tool that arrived at the agent plane, before anything is decided about it.
    ///
    /// - Parameters:
    ///   - tool: the name as the agent sent it.
    ///   - arguments: the arguments as the agent sent them.
    func note(
        _ call: CallID, of tool: String, _ arguments: JSONValue, in run: RunID, of agent: AgentName)

    /// Notes the changed files of a run that has ended, once their record is durable.
    ///
    /// - Parameter paths: those of files and links, relative to the workspace, as far as the record lists them.
    func note(changed paths: [String], in run: RunID, of agent: AgentName)
}
