package import InterlockLedger

extension LedgerReader {
    /// Returns the oldest kept record: 0, or the first that pruning left (bundles are removed oldest first).
    package func first() throws(LedgerFailure) -> UInt64 {
        if try isKept(0) { return 0 }
        var (low, high) = (UInt64(0), try size())
        while low < high {
            let middle = low + (high - low) / 2
            if try isKept(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Returns the tree of the records before the first kept one, from the hashes that remain when bundles are removed.
    /// They must produce the published checkpoint's root; its signature is not checked here.
    package func pruned() throws(LedgerFailure) -> CompactRange {
        let first = try first()
        guard first > 0 else { return CompactRange() }
        return try wholeness {
            guard let head = try files.head(), first <= head.size else {
                throw LedgerFailure(.missing, "no checkpoint covers what was pruned")
            }
            var tiles = try TileReader(
                TreeHash(hashing), size: head.size, root: head.root, fetch: files.fetch)
            return try tiles.range(at: first)
        }
    }

    private func isKept(_ index: UInt64) throws(LedgerFailure) -> Bool {
        do throws(LedgerFailure) { return try entry(at: index) != nil } catch {
            guard error.code == .missing else { throw error }
            return false
        }
    }
}
