/// Returns true if both collections have the same bytes. It reads every byte, so its duration reveals whether the
/// lengths differ but not where the first difference is.
package func equalInConstantTime(
    _ a: some RandomAccessCollection<UInt8>, _ b: some RandomAccessCollection<UInt8>
) -> Bool { a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 }
