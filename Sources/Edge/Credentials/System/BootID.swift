import InterlockModel

/// The kernel's identifier of this boot.
package struct BootID: Hashable, Sendable {
    /// 36 characters in lower case, as the kernel writes it.
    package let full: String
    /// The first 8 hexadecimal digits: the leaf's `boot`.
    package var short: String { String(full.prefix(8)) }

    package static func current() throws(KeyFailure) -> BootID {
        let path = "/proc/sys/kernel/random/boot_id"
        let bytes = try GuardedFile.read(path, limit: 64, rules: .any)
        let text = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
        guard text.utf8.count == 36, Hex.decode(text.prefix(8)) != nil else {
            throw KeyFailure(.malformed, "`\(path)` holds no boot id")
        }
        return BootID(full: text)
    }
}
