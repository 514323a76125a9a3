/// The reason why a run counts as having read content that outsiders can write, although no call that the gateway
/// decided brought it (docs/specs/output-safety.md, sections 6 and 7). Records have the raw value.
package enum TaintCause: String, Sendable, CaseIterable {
    case mention
    case imported = "import"
    case unredactable
    case unread
    case unmatched
    case workspace
    case inherited
    case moved

    /// The reason in words, for people.
    package var words: String {
        switch self {
        case .mention: "a prompt mentions a file, which no hook saw"
        case .imported: "a file of instructions was imported, which no hook saw"
        case .unredactable: "the model read a result that its host could not replace"
        case .unread: "an event that may have brought a result could not be read"
        case .unmatched: "a tool returned content of outside, and no permitted call began it"
        case .workspace: "an earlier run that had read untrusted content wrote to this workspace"
        case .inherited: "another run of the agent had read untrusted content"
        case .moved: "another node served the run before, and left no more than its level"
        }
    }
}
