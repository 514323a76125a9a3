import InterlockModel

/// The files of a tree that Git reads as its configuration.
package enum GitFiles {
    private static let names: Set<[UInt8]> = [
        Array("config".utf8), Array("config.worktree".utf8),
    ]
    private static let nested: Set<[UInt8]> = [Array("modules".utf8), Array("worktrees".utf8)]

    /// Returns true for `.git/config`, `.git/config.worktree` and files of these names below `.git/modules` and
    /// `.git/worktrees`, at any depth and in any case.
    package static func isConfiguration(_ path: WorkspacePath) -> Bool {
        guard names.contains(path.name.map(lowercased)) else { return false }
        let folders = path.components.dropLast().map { $0.map(lowercased) }
        guard let git = folders.lastIndex(of: Array(".git".utf8)) else { return false }
        return git + 1 == folders.count || nested.contains(folders[git + 1])
    }

    /// Returns true for the names that a repository without a work tree has side by side.
    package static func isRepository(names: [ArraySlice<UInt8>]) -> Bool {
        let found = Set(names.map { $0.map(lowercased) })
        return LaterExecution.repository.allSatisfy { found.contains(Array($0.utf8)) }
    }
}
