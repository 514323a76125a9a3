package import InterlockModel

/// The state of one entry of a tree.
package enum TreeNode: Hashable, Sendable {
    /// - Parameters:
    ///   - size: in bytes.
    ///   - mode: the permission bits with set-id and sticky bits, 12 bits.
    ///   - hasAttributes: true if extended attributes were set that the overlay does not explain.
    case file(size: Int64, mode: UInt16, digest: Digest, hasAttributes: Bool)
    /// - Parameter isOpaque: true if nothing of the lower is seen below; only in an upper.
    case directory(mode: UInt16, isOpaque: Bool, hasAttributes: Bool)
    case link(target: [UInt8])
    /// The entry of the lower is not seen, nor is anything below it; only in an upper.
    case whiteout
    /// An entry of the lower that the agent is not shown; only in a base. Its content is not read.
    case hidden
    case special(SpecialKind)

    var isDirectory: Bool { if case .directory = self { true } else { false } }
}

/// The reason why an entry is never applied.
package enum SpecialKind: String, CaseIterable, Sendable {
    case fifo, socket
    case characterDevice = "char_device"
    case blockDevice = "block_device"
    case redirect, metacopy
    case overlayAttribute = "overlay_attribute"
    /// The entry cannot be read, so it cannot be reviewed.
    case unreadable
    /// The path has more bytes or more levels than are read.
    case tooDeep = "too_deep"
}

package struct TreeEntry: Hashable, Sendable {
    package let path: WorkspacePath
    package let node: TreeNode

    package init(_ path: WorkspacePath, _ node: TreeNode) {
        self.path = path
        self.node = node
    }
}

/// The entries of a tree in the order of their paths, each path once.
package struct TreeListing: Hashable, Sendable {
    /// The most entries of one tree.
    package static let mostEntries = 2_000_000
    package let entries: [TreeEntry]

    /// Sorts the entries.
    ///
    /// - Returns: nil if a path occurs twice, or there are too many.
    package init?(_ entries: [TreeEntry]) {
        guard entries.count <= Self.mostEntries else { return nil }
        let sorted = entries.sorted { $0.path < $1.path }
        for (former, latter) in zip(sorted, sorted.dropFirst()) where former.path == latter.path {
            return nil
        }
        self.entries = sorted
    }

    /// - Precondition: the entries are sorted and their paths are distinct.
    init(sorted entries: [TreeEntry]) { self.entries = entries }

    package static let empty = TreeListing(sorted: [])

    /// Returns the state of the entry, or nil if there is none. Takes a logarithmic number of steps.
    package subscript(path: WorkspacePath) -> TreeNode? {
        let place = firstIndex(notBefore: path)
        guard place < entries.count, entries[place].path == path else { return nil }
        return entries[place].node
    }

    /// Returns the entry itself, if it exists, and the entries below it.
    package func entries(in path: WorkspacePath) -> ArraySlice<TreeEntry> {
        let start = firstIndex(notBefore: path)
        var end = start
        while end < entries.count, path.contains(entries[end].path) { end += 1 }
        return entries[start..<end]
    }

    private func firstIndex(notBefore path: WorkspacePath) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
