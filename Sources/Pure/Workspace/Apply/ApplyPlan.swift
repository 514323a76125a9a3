import InterlockModel

/// The steps that bring selected changes to the project, in the order in which they are made: entries are removed from
/// the deepest on, directories are made from the highest on, then files and links are written, and modes of directories
/// come last.
package struct ApplyPlan: Hashable, Sendable {
    /// The changes that the steps make, in the order of their paths.
    package let changes: [WorkspaceChange]
    package let steps: [ApplyStep]
    /// The number of changes in `.git` that were left out.
    package let leftOut: Int

    /// Nothing is left to set-id bits, nor to writers other than the owner.
    static let mask: UInt16 = 0o755

    /// - Throws: the first reason not to apply, in the order of the paths; then nothing of the selection is applied.
    package init(_ diff: WorkspaceDiff, _ selection: ApplySelection) throws(ApplyRefusal) {
        var selected: [WorkspaceChange] = []
        var leftOut = 0
        for path in selection.paths where !diff.changes.contains(where: { path.contains($0.path) })
        {
            throw .notFound(path)
        }
        let needed = Self.directories(for: selection, in: diff)
        for change in diff.changes {
            let isSelected =
                selection.paths.isEmpty || selection.paths.contains { $0.contains(change.path) }
                || needed.contains(change.path)
            guard isSelected else { continue }
            if change.isOfGit {
                if selection.paths.contains(where: LaterExecution.isOfGit) {
                    throw .ofGit(change.path)
                }
                leftOut += 1
                continue
            }
            try Self.check(change, selection.approved)
            selected.append(change)
        }
        changes = selected
        self.leftOut = leftOut
        steps = Self.steps(for: selected)
    }

    /// The directories above selected changes that exist only since the run.
    private static func directories(
        for selection: ApplySelection, in diff: WorkspaceDiff
    ) -> Set<WorkspacePath> {
        guard !selection.paths.isEmpty else { return [] }
        var made: Set<WorkspacePath> = []
        for change in diff.changes where change.kind == .directory {
            if change.operation == .create || change.operation == .replace {
                made.insert(change.path)
            }
        }
        return made.intersection(selection.paths.flatMap(\.ancestors))
    }

    private static func check(
        _ change: WorkspaceChange, _ approved: Set<WorkspaceFlag>
    ) throws(ApplyRefusal) {
        if case .special(let kind) = change.after { throw .special(change.path, kind) }
        if change.kind == .special { throw .special(change.path, nil) }
        if change.flags.contains(.hidden) { throw .hidden(change.path) }
        for flag in change.flags where !(flag.isApprovable && approved.contains(flag)) {
            throw .unapproved(change.path, flag)
        }
    }

    private static func steps(for changes: [WorkspaceChange]) -> [ApplyStep] {
        var removed: [ApplyStep] = []
        var made: [ApplyStep] = []
        var written: [ApplyStep] = []
        var modes: [ApplyStep] = []
        for change in changes {
            let expected = expected(change)
            switch change.after {
            case nil:
                removed.append(
                    ApplyStep(
                        change.path,
                        expected == .directory ? .removeDirectory : .removeFile, expected))
            case .directory(let mode, _, _):
                let mode = mode & mask
                if change.operation == .modify {
                    modes.append(ApplyStep(change.path, .setMode(mode), .directory))
                    continue
                }
                if expected != .absent {
                    removed.append(ApplyStep(change.path, .removeFile, expected))
                }
                made.append(ApplyStep(change.path, .makeDirectory(mode: mode | 0o700), .absent))
                if mode | 0o700 != mode {
                    modes.append(ApplyStep(change.path, .setMode(mode), .directory))
                }
            case .file(let size, let mode, let digest, _):
                let action = ApplyStep.Action.writeFile(
                    digest: digest, size: size, mode: appliedMode(mode, change.before))
                written += write(change.path, action, expected, &removed)
            case .link(let target):
                written += write(change.path, .writeLink(target: target), expected, &removed)
            case .special, .hidden, .whiteout: break
            }
        }
        return removed.reversed() + made + written + modes.reversed()
    }

    private static func write(
        _ path: WorkspacePath, _ action: ApplyStep.Action, _ expected: ApplyStep.Expected,
        _ removed: inout [ApplyStep]
    ) -> [ApplyStep] {
        guard expected == .directory else { return [ApplyStep(path, action, expected)] }
        // No rename replaces a directory by a file.
        removed.append(ApplyStep(path, .removeDirectory, .directory))
        return [ApplyStep(path, action, .absent)]
    }

    /// The bits that the agent left alone stay as they are in the project, without set-id bits.
    private static func appliedMode(_ mode: UInt16, _ before: TreeNode?) -> UInt16 {
        if case .file(_, let old, _, _) = before, old == mode { return mode & 0o777 }
        return mode & mask
    }

    private static func expected(_ change: WorkspaceChange) -> ApplyStep.Expected {
        switch change.before {
        case .file(_, _, let digest, _): .file(change.lowerDigest ?? digest)
        case .link(let target): .link(target: target)
        case .directory: .directory
        case nil, .special, .hidden, .whiteout: .absent
        }
    }
}
