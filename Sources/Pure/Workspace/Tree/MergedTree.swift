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

extension TreeEntry {
    /// The entry without the note that it is opaque, which is a matter of one layer.
    fileprivate var plain: TreeEntry {
        guard case .directory(let mode, true, let hasAttributes) = node else { return self }
        return TreeEntry(
            path, .directory(mode: mode, isOpaque: false, hasAttributes: hasAttributes))
    }
}
