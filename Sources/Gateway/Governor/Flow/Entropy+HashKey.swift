import InterlockModel

extension Entropy {
    /// Random words for keyed hashes that this process alone can make.
    func hashKey() -> (UInt64, UInt64) {
        let random = self.bytes(16)
        func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        return (word(random[..<8]), word(random[8...]))
    }
}
