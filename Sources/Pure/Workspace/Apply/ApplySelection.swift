/// The changes that a person asks to have applied, and the flags that this person approved by name.
package struct ApplySelection: Hashable, Sendable {
    /// Each selects the entry and all below it; everything is selected if there is none.
    package let paths: [WorkspacePath]
    package let approved: Set<WorkspaceFlag>

    package init(paths: [WorkspacePath] = [], approved: Set<WorkspaceFlag> = []) {
        self.paths = paths
        self.approved = approved
    }
}

/// The reason why nothing of a selection is applied.
package enum ApplyRefusal: Error, Hashable, Sendable {
    /// No change is at a selected path, or below it.
    case notFound(WorkspacePath)
    /// The flag of the change has no approval; exit 73.
    case unapproved(WorkspacePath, WorkspaceFlag)
    /// The change is never applied; exit 73.
    case special(WorkspacePath, SpecialKind?)
    /// The change is in the place of an entry that the agent was not shown; exit 73.
    case hidden(WorkspacePath)
    /// The change was selected by its path and lies in `.git`; exit 73.
    case ofGit(WorkspacePath)

    /// A stable code.
    package var code: String {
        switch self {
        case .notFound: "not_found"
        case .unapproved: "flag_not_approved"
        case .special: "special"
        case .hidden: "hidden"
        case .ofGit: "git"
        }
    }

    package var message: String {
        switch self {
        case .notFound(let path): "no change at `\(path.escaped)`"
        case .unapproved(let path, let flag):
            "`\(path.escaped)` has the flag `\(flag.rawValue)`, which is not approved"
        case .special(let path, let kind):
            "`\(path.escaped)` is never applied: " + (kind?.rawValue ?? "no file, folder or link")
        case .hidden(let path):
            "`\(path.escaped)` is in the place of an entry that was hidden from the agent"
        case .ofGit(let path):
            "`\(path.escaped)` lies in a `.git`, which is never applied"
        }
    }
}
