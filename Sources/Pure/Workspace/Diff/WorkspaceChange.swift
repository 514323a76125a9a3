package import InterlockModel

/// One changed entry of a workspace.
package struct WorkspaceChange: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case file
        case directory = "dir"
        case delete
        case symlink
        /// Never applied.
        case special
    }

    package enum Operation: String, CaseIterable, Sendable {
        case create, modify
        /// An entry of another kind was there before.
        case replace
        case delete
    }

    package let path: WorkspacePath
    package let operation: Operation
    /// The state before the run as the agent saw it; nil if it saw no entry there.
    package let before: TreeNode?
    /// The state after the run; nil if the entry was deleted.
    package let after: TreeNode?
    /// Sorted, each once.
    package let flags: [WorkspaceFlag]
    /// The digest of the project's own file at the start of the run; nil if there was none or it was not read.
    package let lowerDigest: Digest?

    package var kind: Kind {
        switch after {
        case .file: .file
        case .directory: .directory
        case .link: .symlink
        case .special, .hidden, .whiteout: .special
        case nil: .delete
        }
    }

    /// The kind of the entry before the run, or nil if there was none.
    package var kindBefore: Kind? {
        switch before {
        case .file: .file
        case .directory: .directory
        case .link: .symlink
        case .special, .hidden, .whiteout: .special
        case nil: nil
        }
    }

    /// True if the path has a component `.git`: commits come over by `workspace export`.
    package var isOfGit: Bool { LaterExecution.isOfGit(path) }
}

extension [WorkspaceChange] {
    /// The same with those that can be applied first: a commit has many entries in `.git`.
    package var gitLast: [WorkspaceChange] { filter { !$0.isOfGit } + filter(\.isOfGit) }

    /// The number of changes, without those in `.git` unless all are.
    package var reviewed: Int {
        let outside = count { !$0.isOfGit }
        return outside == 0 ? count : outside
    }
}
