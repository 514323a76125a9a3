import Glibc
import InterlockHooks
import InterlockJSON

/// The adapter's input from the host: one event, up to the end of the stream.
enum StandardInput {
    /// - Throws: an error above `HookLimits.inputBytes`, without reading the rest.
    static func read() throws(AdapterFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try next(64 << 10) {
            bytes += part
            guard bytes.count <= HookLimits.inputBytes else {
                throw .input(.json(JSONError(.size, offset: HookLimits.inputBytes)))
            }
        }
        return bytes
    }

    /// Returns nil at the end of the stream.
    private static func next(_ limitBytes: Int) throws(AdapterFailure) -> [UInt8]? {
        var count = 0
        let part = unsafe [UInt8](unsafeUninitializedCapacity: limitBytes) { buffer, initialized in
            count = unsafe Glibc.read(0, buffer.baseAddress, limitBytes)
            initialized = max(0, count)
        }
        guard count >= 0 else { throw .unreadableInput }
        return count == 0 ? nil : part
    }
}
