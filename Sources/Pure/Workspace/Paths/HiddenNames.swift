/// The names that an agent does not see, at any depth (docs/specs/sandbox.md, section 8, `hide` and `hide_extra`).
package struct HiddenNames: Hashable, Sendable {
    package static let standard = [
        ".env*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "id_rsa*", "id_ecdsa*",
        "id_ed25519*", ".npmrc", ".pypirc", ".netrc", ".git-credentials", ".ssh", ".aws", ".gnupg",
        ".kube", ".docker", "*.tfstate*",
    ]
    /// The most patterns of one policy.
    package static let mostPatterns = 256

    package let patterns: [NamePattern]

    /// - Parameters:
    ///   - hide: the patterns in place of the standard ones; nil if the policy has none of its own.
    ///   - extra: the patterns that are added.
    /// - Throws: the first pattern that cannot be used.
    package init(hide: [String]? = nil, extra: [String] = []) throws(PatternError) {
        let texts = (hide ?? Self.standard) + extra
        guard texts.count <= Self.mostPatterns else { throw .tooMany }
        var patterns: [NamePattern] = []
        for text in texts {
            guard let pattern = NamePattern(text) else { throw .invalid(text) }
            patterns.append(pattern)
        }
        self.patterns = patterns
    }

    package enum PatternError: Error, Hashable {
        case invalid(String)
        case tooMany
    }

    package func hides(_ name: ArraySlice<UInt8>) -> Bool {
        patterns.contains { $0.matches(name) }
    }
}
