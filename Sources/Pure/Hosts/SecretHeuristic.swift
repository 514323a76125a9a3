import InterlockModel

/// What looks like a secret where it would be written into a policy. A guess on the safe side: what is marked
/// by mistake costs a person a minute.
package enum SecretHeuristic {
    /// Bytes of a token after its beginning, at least.
    private static let shortestRest = 8

    /// Whether a variable, an option or a header of this name carries one.
    package static func isName(_ name: some StringProtocol) -> Bool {
        CredentialHeuristic.isName(name)
    }

    /// Which argument of a command line looks like a secret, from 1; nil for none. An option counts
    /// together with its value, whether a space or `=` stands between them.
    package static func place(in arguments: [String]) -> Int? {
        var isValue = false
        for (index, argument) in arguments.enumerated() {
            let isOption = argument.hasPrefix("-")
            if isValue, !isOption { return index + 1 }
            isValue = false
            if let equals = argument.firstIndex(of: "=") {
                let value = String(argument[argument.index(after: equals)...])
                if isName(argument[..<equals]), !value.isEmpty { return index + 1 }
                if isValueOfSecret(value) { return index + 1 }
            } else if isOption {
                isValue = isName(argument)
            }
            if isValueOfSecret(argument) { return index + 1 }
        }
        return nil
    }

    package static func isValueOfSecret(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 1)
        let hasScheme =
            words.count == 2 && CredentialHeuristic.isScheme(words[0].lowercased())
            && words[1].utf8.count >= shortestRest
        return hasScheme || CredentialHeuristic.isToken(text, rest: shortestRest)
            || hasUserInfo(text)
    }

    /// `scheme://user:password@host`
    package static func hasUserInfo(_ text: String) -> Bool {
        guard let start = text.firstRange(of: "://") else { return false }
        let authority = text[start.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return authority.contains("@")
    }

    /// Variables whose values are no secret: they stand in the policy, where people read them.
    package static func isPlain(_ name: String) -> Bool { plain.contains(name) }

    private static let plain: Set<String> = [
        "DEBUG", "FASTMCP_LOG_LEVEL", "LANG", "LC_ALL", "LOG_LEVEL", "NODE_ENV", "NO_COLOR",
        "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONUTF8", "TZ",
    ]
}
