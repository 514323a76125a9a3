/// The kinds of hook events, the same for all hosts. The raw value is the name on the wire.
package enum HookEventKind: String, Sendable, CaseIterable {
    /// A tool is about to run: the only kind whose answer decides about a call.
    case preTool = "pre_tool"
    case postTool = "post_tool"
    case postToolFailure = "post_tool_failure"
    case prompt
    case sessionStart = "session_start"
    case sessionEnd = "session_end"
    case subagentStart = "subagent_start"
    case subagentStop = "subagent_stop"
    case configChange = "config_change"
    case instructions
    case modelSwitch = "model_switch"
    /// The working directory, a worktree or a watched file changed.
    case directory
    /// The host is about to ask its user for a permission.
    case permission
    /// Any other event, including those that this version does not know.
    case other

    /// Is true if an event of this kind must name its tool and the tool's arguments.
    package var needsTool: Bool { self == .preTool || self == .permission }

    /// Is true if an event of this kind brings the result of a tool.
    package var isEndOfTool: Bool { self == .postTool || self == .postToolFailure }

    /// Is true if an event of this kind is about a tool.
    var mayHaveTool: Bool { needsTool || isEndOfTool }
}
