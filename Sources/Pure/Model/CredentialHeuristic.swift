/// The heuristic that recognises likely credentials in policies and in text for logs. It errs on the side of hiding.
package enum CredentialHeuristic {
    /// The prefixes of the tokens of well-known services, and of JSON Web Tokens.
    private static let beginnings = [
        "eyJ", "sk-", "sk_", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-",
        "xoxp-", "xapp-", "AKIA", "ASIA", "AIza", "npm_", "pypi-", "dckr_pat_", "hf_",
    ]
    /// The schemes of `Authorization` (RFC 7617, RFC 6750), in lower case.
    private static let schemes = ["bearer", "basic"]
    /// The parts of variable, option and header names that suggest a credential (docs/specs/sandbox.md, section 8).
    private static let nameParts = ["key", "token", "secret", "pass", "cred", "auth", "cookie"]
    /// The word endings that mark the following value in running text as a credential; matching a mere part would hide
    /// too much there. Each contains one of `nameParts`.
    private static let nameEnds = [
        "password", "passwd", "secret", "token", "api_key", "apikey", "api-key", "authorization",
        "private_key", "access_key", "cookie",
    ]

    /// Returns true if a word begins with a known token prefix that at least `rest` bytes follow.
    package static func isToken(_ word: some StringProtocol, rest: Int) -> Bool {
        beginnings.contains { word.hasPrefix($0) && word.utf8.count >= $0.utf8.count + rest }
    }

    /// - Parameter word: the word in lower case.
    package static func isScheme(_ word: some StringProtocol) -> Bool {
        schemes.contains { $0 == word }
    }

    /// Returns true if the name of a variable, option or header suggests that its value is a credential.
    package static func isName(_ name: some StringProtocol) -> Bool {
        let lower = name.lowercased()
        return nameParts.contains { lower.contains($0) }
    }

    /// Returns true if the value that follows this word in running text is likely to be a credential.
    ///
    /// - Parameter word: the word in lower case.
    package static func isLabel(_ word: some StringProtocol) -> Bool {
        nameEnds.contains { word.hasSuffix($0) }
    }
}
