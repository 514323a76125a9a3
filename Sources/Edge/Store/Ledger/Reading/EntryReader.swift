import InterlockLedger

/// Reads single records by index. The last bundle is kept, so that neighbouring records share one read.
package struct EntryReader: Sendable {
    private let reader: LedgerReader
    /// The published size; later records are in frames.
    private let size: UInt64
    private var bundle: LogFiles.Bundle?

    /// - Parameter size: the size of a published checkpoint.
    package init(_ reader: LedgerReader, published size: UInt64) {
        self.reader = reader
        self.size = size
    }

    /// - Returns: nil if the index is beyond the durable log.
    package mutating func entry(at index: UInt64) throws(LedgerFailure) -> LedgerEntry? {
        guard index < size, let bytes = try published(index) else {
            return try reader.entry(at: index)
        }
        return LedgerEntry(index: index, leaf: Leaf(stored: bytes, hashing: reader.hashing))
    }

    /// - Returns: nil if no bundle has the record; the reader of the whole log then decides what that means.
    private mutating func published(_ index: UInt64) throws(LedgerFailure) -> ArraySlice<UInt8>? {
        if let known = bundle?[index] { return known }
        do throws(TileFault) {
            bundle = try reader.files.bundle(of: index, size: size)
        } catch {
            throw LedgerFailure(error)
        }
        return bundle?[index]
    }
}
