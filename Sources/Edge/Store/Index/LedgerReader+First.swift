extension LedgerReader {
    /// The oldest record that is kept: 0, or what pruning left (bundles go from the oldest on).
    package func first() throws(LedgerFailure) -> UInt64 {
        if try isKept(0) { return 0 }
        var (low, high) = (UInt64(0), try size())
        while low < high {
            let middle = low + (high - low) / 2
            if try isKept(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func isKept(_ index: UInt64) throws(LedgerFailure) -> Bool {
        do throws(LedgerFailure) { return try entry(at: index) != nil } catch {
            guard error.code == .missing else { throw error }
            return false
        }
    }
}
