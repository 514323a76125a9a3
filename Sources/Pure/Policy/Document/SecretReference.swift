package import InterlockModel

/// A secret as a policy names it: the source that is asked, and its name there. Never the value.
package struct SecretReference: Sendable, Hashable {
    package let source: SecretSource
    /// 1 to 128 ASCII letters, digits, `-` and `_`, if it was read from a policy.
    package let name: String

    package init(_ source: SecretSource, _ name: String) {
        self.source = source
        self.name = name
    }

    /// Returns nil if the text is not `SOURCE:NAME`, such as `files:npm`.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"),
            let source = SecretSource(rawValue: String(text[..<colon]))
        else { return nil }
        let name = String(text[text.index(after: colon)...])
        guard Self.isName(name) else { return nil }
        self.init(source, name)
    }

    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x5f
            }
    }
}
