package import InterlockModel

/// The changes that a run made to its workspace, in the order of their paths.
package struct WorkspaceDiff: Hashable, Sendable {
    package let run: RunID
    /// The digest of the text of the base.
    package let base: Digest
    package let changes: [WorkspaceChange]

    package init(run: RunID, base: Digest, changes: [WorkspaceChange]) {
        self.run = run
        self.base = base
        self.changes = changes
    }

    /// The number of changes with a flag.
    package var flagged: Int { changes.count { !$0.flags.isEmpty } }
}

/// The trees from which a diff is made.
package struct WorkspaceTrees: Sendable {
    /// The project at the start of the run, with what was hidden.
    package let base: TreeListing
    /// The upper as it was prepared: what is in it is no change.
    package let prepared: TreeListing
    /// The upper after the run.
    package let upper: TreeListing
    /// True if `prepared` and `upper` are whole copies of the project rather than layers above it.
    package let isCopy: Bool

    /// A file with more bytes is flagged as too large to review.
    package static let largestReviewed: Int64 = 10 << 20

    package init(
        base: TreeListing, prepared: TreeListing, upper: TreeListing, isCopy: Bool = false
    ) {
        self.isCopy = isCopy
        self.base = base
        self.prepared = prepared
        self.upper = upper
    }

    package func changes() -> [WorkspaceChange] {
        let pairs = PairedTrees(before, after)
        var repositories = BareRepositories()
        for pair in pairs.all { repositories.add(pair.path) }
        let context = ChangeContext(
            base: base, hidden: base.entries.filter { $0.node == .hidden }.map(\.path),
            repositories: repositories.roots)
        return pairs.all.compactMap { context.change(at: $0.path, $0.before, $0.after) }
    }
}

/// The entries of two trees by path.
private struct PairedTrees {
    private(set) var all: [(path: WorkspacePath, before: TreeNode?, after: TreeNode?)] = []

    init(_ before: TreeListing, _ after: TreeListing) {
        let (old, new) = (before.entries, after.entries)
        all.reserveCapacity(max(old.count, new.count))
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            let order =
                left == old.count
                ? 1
                : right == new.count ? -1 : WorkspacePath.order(old[left].path, new[right].path)
            if order < 0 {
                all.append((old[left].path, old[left].node, nil))
            } else if order > 0 {
                all.append((new[right].path, nil, new[right].node))
            } else {
                all.append((old[left].path, old[left].node, new[right].node))
            }
            if order <= 0 { left += 1 }
            if order >= 0 { right += 1 }
        }
    }
}

/// The facts about the whole tree that decide what a change is.
private struct ChangeContext {
    let base: TreeListing
    /// Sorted.
    let hidden: [WorkspacePath]
    let repositories: Set<WorkspacePath>

    /// - Returns: nil if nothing changed.
    func change(
        at path: WorkspacePath, _ before: TreeNode?, _ after: TreeNode?
    ) -> WorkspaceChange? {
        guard let operation = operation(before, after) else { return nil }
        // The directory keeps what the agent was not shown, so it stays.
        if operation == .delete, before?.isDirectory == true, hidesBelow(path) { return nil }
        var lowerDigest: Digest?
        if case .file(_, _, let digest, _) = base[path] { lowerDigest = digest }
        return WorkspaceChange(
            path: path, operation: operation, before: before, after: after,
            flags: flags(path, operation, before, after), lowerDigest: lowerDigest)
    }

    private func operation(
        _ before: TreeNode?, _ after: TreeNode?
    ) -> WorkspaceChange.Operation? {
        switch (before, after) {
        case (nil, nil): nil
        case (nil, _?): .create
        case (_?, nil): .delete
        case (.file(_, let oldMode, let old, _), .file(_, let newMode, let new, _)):
            old == new && oldMode == newMode ? nil : .modify
        case (.directory(let old, _, _), .directory(let new, _, _)): old == new ? nil : .modify
        case (.link(let old), .link(let new)): old == new ? nil : .modify
        case (let old?, let new?): old == new ? nil : .replace
        }
    }

    private func flags(
        _ path: WorkspacePath, _ operation: WorkspaceChange.Operation, _ before: TreeNode?,
        _ after: TreeNode?
    ) -> [WorkspaceFlag] {
        var flags: Set<WorkspaceFlag> = []
        if LaterExecution.isNamed(path) || isInRepository(path) { flags.insert(.executesLater) }
        if !EscapedBytes.isPlain(path.bytes) { flags.insert(.controlCharacterInName) }
        if isHidden(path) { flags.insert(.hidden) }
        if operation == .replace, before?.isDirectory == true, hidesBelow(path) {
            flags.insert(.hidden)
        }
        switch after {
        case .file(let size, let mode, _, let hasAttributes):
            if size > WorkspaceTrees.largestReviewed { flags.insert(.tooLarge) }
            if mode & 0o6000 != 0 { flags.insert(.setID) }
            if mode & 0o111 != 0, !isExecutable(before) { flags.insert(.newExecutable) }
            if hasAttributes { flags.insert(.xattr) }
        case .directory(let mode, _, let hasAttributes):
            if mode & 0o6000 != 0, !isSetID(before) { flags.insert(.setID) }
            if hasAttributes { flags.insert(.xattr) }
        case .link(let target):
            if LinkTarget.leaves(target, at: path) { flags.insert(.symlinkOutside) }
        case .special, .hidden, .whiteout: flags.insert(.specialFile)
        case nil: break
        }
        return flags.sorted()
    }

    private func isExecutable(_ node: TreeNode?) -> Bool {
        if case .file(_, let mode, _, _) = node { mode & 0o111 != 0 } else { false }
    }

    private func isSetID(_ node: TreeNode?) -> Bool {
        if case .directory(let mode, _, _) = node { mode & 0o6000 != 0 } else { false }
    }

    private func isInRepository(_ path: WorkspacePath) -> Bool {
        guard !repositories.isEmpty else { return false }
        return repositories.contains(path) || repositories.contains(.root)
            || path.ancestors.contains(where: repositories.contains)
    }

    /// Returns true if the agent was not shown the entry or a directory above it.
    private func isHidden(_ path: WorkspacePath) -> Bool {
        guard !hidden.isEmpty else { return false }
        return base[path] == .hidden || path.ancestors.contains { base[$0] == .hidden }
    }

    private func hidesBelow(_ path: WorkspacePath) -> Bool {
        var (low, high) = (0, hidden.count)
        while low < high {
            let middle = (low + high) / 2
            if hidden[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low < hidden.count && path.contains(hidden[low])
    }
}
