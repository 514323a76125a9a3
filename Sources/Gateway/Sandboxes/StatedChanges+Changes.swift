import InterlockJSON
package import InterlockModel
package import InterlockWorkspace

extension StatedChanges {
    /// States all changes by their digest, and as many as a record lists.
    package init(_ changes: [WorkspaceChange], base: Digest, _ hashing: any Hashing) {
        var (listed, isOpen) = ([JSONValue](), true)
        // The brackets of the list.
        var bytes = 2
        let digest = changes.digest(hashing) { json, count in
            bytes += count + 1
            isOpen = isOpen && listed.count < Self.mostListed && bytes <= Self.mostListedBytes
            if isOpen { listed.append(json) }
        }
        self.init(base: base, count: changes.count, digest: digest, listed: listed)
    }
}

extension WorkspaceDiffRequest {
    package init(_ diff: WorkspaceDiff, _ hashing: any Hashing) {
        self.init(
            changes: StatedChanges(diff.changes, base: diff.base, hashing), flagged: diff.flagged,
            waiting: diff.changes.count { !$0.flags.isEmpty && !$0.isOfGit })
    }
}
