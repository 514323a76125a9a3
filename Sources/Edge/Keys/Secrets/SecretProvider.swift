import Glibc

/// Finds a secret by name: first the environment, then a file. Read each time, so a rotated file is
/// taken at the next session; the value is never logged.
package struct SecretProvider: Sendable {
    private static let largest = 16 * 1024
    private let directory: String
    private let environmentPrefix: String

    /// - Parameter directory: may be missing when no secret is kept in a file.
    package init(directory: String, environmentPrefix: String) {
        self.directory = directory
        self.environmentPrefix = environmentPrefix
    }

    /// - Throws: `missing`, `exposed` (folder or file open to others), `malformed` (empty, not one line).
    package func secret(named name: String) throws(KeyFailure) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
            throw KeyFailure(.malformed, "`\(name)` is no name of a secret")
        }
        if let value = unsafe getenv(environmentName(name)) {
            return try checked(unsafe String(cString: value), name)
        }
        try GuardedFile.checkFolder(directory)
        let bytes = try GuardedFile.read(
            "\(directory)/\(name)", limit: Self.largest, rules: .secret)
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw KeyFailure(.malformed, "secret `\(name)` is not UTF-8")
        }
        if text.hasSuffix("\n") { text.removeLast() }
        return try checked(text, name)
    }

    /// The value becomes a header: a line break in it would begin another one.
    private func checked(_ text: String, _ name: String) throws(KeyFailure) -> String {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw KeyFailure(.malformed, "secret `\(name)` must be one line of printable text")
        }
        return text
    }

    private func environmentName(_ name: String) -> String {
        environmentPrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
