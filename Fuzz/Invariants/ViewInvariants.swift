import InterlockSafety
import InterlockScanning

extension Invariants {
    /// Decoding ends within its limits, and each decoded byte has an origin in the text.
    package static func views(_ bytes: [UInt8]) {
        let limits = ViewLimits(partBytes: 64 << 10, allBytes: 128 << 10)
        let inflater = ZlibInflater()
        let text = bytes.span
        // Windows of several sizes: runs and escapes lie across their ends.
        for window in bytes.count > 512 ? [1024, 1 << 20] : [29, 1 << 20] {
            var decoder = ViewDecoder(limits)
            var start = 0
            while start < bytes.count, !decoder.isOverBytes {
                let range = start..<min(bytes.count, start + window)
                let (first, end) = decoder.layer(of: text, startingIn: range, by: inflater)
                precondition(end >= range.upperBound && end <= bytes.count, "a window ends")
                check(first, of: bytes.count)
                let second = decoder.layer(of: first, by: inflater)
                check(second, of: first.bytes.count)
                decoder.end(with: second)
                start = end
            }
            precondition(
                !decoder.isOverBytes || decoder.isUndecodable, "what is over a limit is said")
        }
    }

    private static func check(_ layer: DecodedLayer, of count: Int) {
        for index in layer.bytes.indices {
            let source = layer.source(of: index..<index + 1)
            precondition(!source.isEmpty && source.upperBound <= count, "a byte has an origin")
        }
        let all = layer.source(of: 0..<layer.bytes.count)
        precondition(all.upperBound <= count, "all bytes have an origin")
    }
}
