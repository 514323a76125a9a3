extension TreeListing {
    /// Returns the tree that is seen through an overlay of `upper` on this tree: the entries of the upper in the place of
    /// those of the same path, without what whiteouts, opaque directories and other kinds of entries cover. Hidden
    /// entries of this tree are never part of it.
    package func merged(with upper: TreeListing) -> TreeListing {
        var merged: [TreeEntry] = []
        merged.reserveCapacity(entries.count + upper.entries.count)
        // The outermost path whose entries of this tree are covered.
        var cover: WorkspacePath?
        var (own, above) = (0, 0)
        while own < entries.count || above < upper.entries.count {
            let order =
                own == entries.count
                ? 1
                : above == upper.entries.count
                    ? -1 : WorkspacePath.order(entries[own].path, upper.entries[above].path)
            if order < 0 {
                let entry = entries[own]
                own += 1
                if entry.node != .hidden, cover?.contains(entry.path) != true {
                    merged.append(entry)
                }
                continue
            }
            let entry = upper.entries[above]
            above += 1
            var covers = true
            if case .directory(_, let isOpaque, _) = entry.node {
                let isMerged = order == 0 && entries[own].node.isDirectory
                covers = isOpaque || !isMerged
            }
            if order == 0 { own += 1 }
            if covers, cover?.contains(entry.path) != true { cover = entry.path }
            if entry.node != .whiteout { merged.append(entry.plain) }
        }
        return TreeListing(sorted: merged)
    }
}

extension TreeListing {
    /// Returns the tree of a copy of this one: without hidden entries and set-id bits, and with other files at these
    /// paths.
    package func copied(replacing files: [WorkspacePath: TreeNode]) -> TreeListing {
        TreeListing(
            sorted: entries.compactMap { entry in
                switch entry.node {
                case .hidden, .whiteout, .special: nil
                case .link: entry
                case .directory(let mode, _, _):
                    TreeEntry(
                        entry.path,
                        .directory(mode: mode & 0o1777, isOpaque: false, hasAttributes: false))
                case .file(let size, let mode, let digest, _):
                    TreeEntry(
                        entry.path,
                        files[entry.path]
                            ?? .file(
                                size: size, mode: mode & 0o1777, digest: digest,
                                hasAttributes: false))
                }
            })
    }

    /// Returns the tree that is not a layer of another one: what a layer would cover with is an entry of its own.
    fileprivate var whole: TreeListing { TreeListing(sorted: entries.map(\.plain)) }
}

extension WorkspaceTrees {
    /// The tree that the agent saw when it started.
    package var before: TreeListing { isCopy ? prepared : base.merged(with: prepared) }
    /// The tree that the agent left.
    package var after: TreeListing { isCopy ? upper.whole : base.merged(with: upper) }
}

extension TreeEntry {
    /// The entry without the note that it is opaque, which is a matter of one layer.
    fileprivate var plain: TreeEntry {
        guard case .directory(let mode, true, let hasAttributes) = node else { return self }
        return TreeEntry(
            path, .directory(mode: mode, isOpaque: false, hasAttributes: hasAttributes))
    }
}
