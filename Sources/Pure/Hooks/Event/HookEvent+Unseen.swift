import InterlockJSON
package import InterlockModel

extension HookEvent {
    /// The reason why the host gives its model content with this event that no hook sees; nil if it gives none
    /// (docs/specs/coding-agents.md, section 7).
    package var unseenContent: TaintCause? {
        switch kind {
        case .prompt:
            let text =
                details["prompt"]?.string
                ?? String(decoding: JSONValue.object(details).serialized(), as: UTF8.self)
            return mentionsFile(text) ? .mention : nil
        case .instructions:
            // Another reason, also one that this version does not know, may be an import from anywhere.
            let reason = details["load_reason"]?.string
            let isOfWorkspace = Self.workspaceReasons.contains { own in
                reason?.utf8.elementsEqual(own.utf8) ?? false
            }
            return isOfWorkspace ? nil : .imported
        case .preTool, .postTool, .postToolFailure, .sessionStart, .sessionEnd, .subagentStart,
            .subagentStop, .configChange, .modelSwitch, .directory, .permission, .other:
            return nil
        }
    }

    /// The reasons for which Claude Code loads a file of instructions that is no import.
    private static let workspaceReasons = [
        "session_start", "nested_traversal", "path_glob_match", "compact",
    ]

    /// Returns true if a prompt may mention a file by `@`, which hosts then add to it. An e-mail address does not, except
    /// for Gemini CLI, which takes each `@`.
    private func mentionsFile(_ prompt: String) -> Bool {
        var last: UInt8?
        var isOpen = false
        for byte in prompt.utf8 {
            if isOpen, !Self.isSpace(byte) { return true }
            isOpen =
                byte == UInt8(ascii: "@")
                && (host == .geminiCLI || !(last.map(Self.isOfName) ?? false))
            last = byte
        }
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
