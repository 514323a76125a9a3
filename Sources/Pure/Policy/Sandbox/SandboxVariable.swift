import InterlockModel

/// The rules for names of environment variables inside a sandbox (docs/specs/sandbox.md, section 8).
package enum SandboxVariable {
    /// The most bytes of a value that a policy states.
    static let longestValue = 4_096

    /// The variables that the sandbox sets and nothing else may: its folders, and the address of its proxy.
    private static let reserved: Set<String> = [
        "HOME", "USER", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
        "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ]
    private static let secretParts = ["KEY", "TOKEN", "SECRET", "PASS", "CRED", "AUTH"]
    /// The least number of bytes of a token after its prefix.
    private static let shortestToken = 8

    /// Returns true for a name that a shell can set.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.count <= 256
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || byte == 0x5f
            }
    }

    static func isReserved(_ name: String) -> Bool { reserved.contains(name) }

    /// Returns true if KEY, TOKEN, SECRET, PASS, CRED or AUTH is a part of the name, in any case: its value may be a secret.
    /// The word AUTHOR does not count, as in `GIT_AUTHOR_NAME`.
    package static func looksSecret(_ name: String) -> Bool {
        let words = name.uppercased().split(separator: "_").filter { $0 != "AUTHOR" }
        let upper = words.joined(separator: "_")
        return secretParts.contains { upper.contains($0) }
    }

    /// Returns true for a value that begins as the tokens of a known service do.
    static func isToken(_ value: String) -> Bool {
        CredentialHeuristic.isToken(value, rest: shortestToken)
    }
}
