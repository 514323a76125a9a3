/// How credentials look, for all who guess: what is written into a policy, and what goes to a log. A guess on the
/// safe side.
package enum CredentialHeuristic {
    /// How tokens of well-known services begin, and JSON Web Tokens.
    private static let beginnings = [
        "eyJ", "sk-", "sk_", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-",
        "xoxp-", "xapp-", "AKIA", "ASIA", "AIza", "npm_", "pypi-", "dckr_pat_", "hf_",
    ]
    /// Of `Authorization` (RFC 7617, RFC 6750), in lower case.
    private static let schemes = ["bearer", "basic"]
    /// Parts of names that a person gives to variables, options and headers (specs of the sandbox, section 8).
    private static let nameParts = ["key", "token", "secret", "pass", "cred", "auth", "cookie"]
    /// Ends of words before a value in running text, where a mere part would hide too much of it. Each has one
    /// of the parts.
    private static let nameEnds = [
        "password", "passwd", "secret", "token", "api_key", "apikey", "api-key", "authorization",
        "private_key", "access_key", "cookie",
    ]

    /// Whether a word begins as a token does, with this many bytes at least after that.
    package static func isToken(_ word: some StringProtocol, rest: Int) -> Bool {
        beginnings.contains { word.hasPrefix($0) && word.utf8.count >= $0.utf8.count + rest }
    }

    /// - Parameter word: in lower case.
    package static func isScheme(_ word: some StringProtocol) -> Bool {
        schemes.contains { $0 == word }
    }

    /// Whether a variable, an option or a header of this name carries one.
    package static func isName(_ name: some StringProtocol) -> Bool {
        let lower = name.lowercased()
        return nameParts.contains { lower.contains($0) }
    }

    /// Whether a value that follows this word in a text is one.
    ///
    /// - Parameter word: in lower case.
    package static func isLabel(_ word: some StringProtocol) -> Bool {
        nameEnds.contains { word.hasSuffix($0) }
    }
}
