/// Whether both have the same bytes. Looks at every byte, so that the time it takes says nothing about the first
/// that differs; only about the lengths.
package func equalInConstantTime(
    _ a: some RandomAccessCollection<UInt8>, _ b: some RandomAccessCollection<UInt8>
) -> Bool {
    a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
