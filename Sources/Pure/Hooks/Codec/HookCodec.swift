package import InterlockJSON

/// The translation between one host's wire and the event and verdict that all hosts share. A codec holds no policy and
/// performs no input or output.
package protocol HookCodec: Sendable {
    var host: HookHost { get }

    /// Reads one event.
    ///
    /// - Parameters:
    ///   - bytes: all of standard input.
    ///   - name: the event that the command line names, for hosts whose payload does not.
    ///   - environment: the variables of the host, untrusted; only those of `HookFacts.variables` are read.
    /// - Throws: an error if the bytes are not an event, or miss what the decision needs. Unknown events and members are
    ///   kept.
    func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent

    /// Returns the host's bytes and exit code for a verdict. A verdict that the host cannot express becomes a refusal.
    func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer

    /// Returns the refusal of an event that was read, if no verdict could be obtained.
    func refusal(_ line: HookLine, of event: HookEvent) -> HookAnswer

    /// Returns the refusal if the event could not be read.
    ///
    /// - Parameter name: the event that the command line names, or nil.
    func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer
}

extension HookCodec {
    package func refusal(_ line: HookLine, of event: HookEvent) -> HookAnswer {
        refusal(line, eventNamed: event.hostName)
    }
}

extension HookHost {
    package var codec: any HookCodec {
        switch self {
        case .claudeCode: ClaudeCodeCodec()
        case .codex: CodexCodec()
        case .geminiCLI: GeminiCLICodec()
        case .cursor: CursorCodec()
        case .copilot: CopilotCodec()
        }
    }
}
