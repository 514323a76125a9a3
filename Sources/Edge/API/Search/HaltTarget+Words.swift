import InterlockModel

extension HaltTarget {
    /// The target as part of a sentence.
    package var kind: String {
        switch self {
        case .org: "organisation"
        case .owner: "owner's agents"
        case .agent: "agent"
        case .server: "server"
        case .tool: "tool"
        case .run: "run"
        case .drill: "canaries of a drill"
        }
    }
}
