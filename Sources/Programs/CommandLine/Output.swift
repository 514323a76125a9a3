import Glibc
package import InterlockJSON

/// Standard output and standard error, unbuffered: a line is written when the call returns.
package enum Output {
    package static func line(_ text: String) { write(text + "\n", to: 1) }
    package static func json(_ value: JSONValue) {
        write(String(decoding: value.serialized(), as: UTF8.self) + "\n", to: 1)
    }
    package static func text(_ text: String) { write(text, to: 1) }
    package static func error(_ text: String) { write(text + "\n", to: 2) }

    /// Writes to standard error without a line's end.
    static func rewrite(_ text: String) { write(text, to: 2) }

    package static func bytes(_ bytes: [UInt8]) { write(bytes, to: 1) }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                // A reader of standard output must not mistake a part for the whole; a lost line of the program's log
                // is harmless.
                if descriptor == 1 { Exit.cannotCreate.end() }
                return
            }
            offset += written
        }
    }
}
