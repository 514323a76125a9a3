import CZlib
package import InterlockSafety

/// Unpacks by zlib, with one state for one stream after another.
@safe package final class ZlibInflater: Inflater {
    /// The bytes that are unpacked at a time.
    private static let chunkBytes = 16 << 10

    /// Made for the first stream: most texts have none.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var chunk: [UInt8] = []

    package init() {}

    deinit { unsafe interlock_inflater_free(stream) }

    package func inflate(
        _ packed: Span<UInt8>, _ form: PackedForm, most: Int, to output: inout [UInt8]
    ) -> InflateEnd {
        if unsafe stream == nil { unsafe stream = interlock_inflater_make() }
        // Data that cannot be unpacked, for lack of memory, count as more than the limit.
        guard let stream = unsafe stream, most > 0 else { return .full }
        if chunk.isEmpty { chunk = [UInt8](repeating: 0, count: Self.chunkBytes) }
        return unsafe packed.withUnsafeBufferPointer { input in
            guard
                unsafe interlock_inflate_begin(
                    stream, form.windowBits, input.baseAddress, input.count) != 0
            else { return .full }
            var made = 0
            while true {
                // One byte more shows whether there is one.
                let room = min(chunk.count, most - made + 1)
                var count = 0
                let end = unsafe interlock_inflate_next(stream, &chunk, room, &count)
                output += chunk[..<min(count, most - made)]
                made += count
                guard made <= most else { return .full }
                switch end {
                case INTERLOCK_INFLATE_MORE: continue
                case INTERLOCK_INFLATE_WHOLE: return .whole
                case INTERLOCK_INFLATE_CUT: return .cut
                default: return .broken
                }
            }
        }
    }
}

extension PackedForm {
    /// The window and the format, as `inflateInit2` has them.
    fileprivate var windowBits: Int32 {
        switch self {
        case .gzip: 16 + 15
        case .zlib: 15
        case .deflate: -15
        }
    }
}
