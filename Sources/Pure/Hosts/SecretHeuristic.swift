import InterlockModel

/// Heuristics for secrets that would be written into a policy. They err on the safe side: a false positive costs a
/// person a minute.
///
/// INVARIANT: no value of a host's `env` or headers is in policy, lock, log or output. Kept by `test_takeover.py`.
package enum SecretHeuristic {
    /// The least number of bytes of a token after its prefix.
    private static let shortestRest = 8

    /// Returns whether a variable, an option or a header of this name carries a secret.
    package static func isName(_ name: some StringProtocol) -> Bool {
        CredentialHeuristic.isName(name)
    }

    /// Returns the position, from 1, of the first argument that looks like a secret, or nil if no argument does. An
    /// option counts together with its value, whether a space or `=` separates them.
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

    /// Returns whether the text has the form `scheme://user:password@host`.
    package static func hasUserInfo(_ text: String) -> Bool {
        guard let start = text.firstRange(of: "://") else { return false }
        let authority = text[start.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return authority.contains("@")
    }

    /// Returns whether a variable's value is never a secret: such values are written into the policy, where people read
    /// them.
    package static func isPlain(_ name: String) -> Bool { plain.contains(name) }

    private static let plain: Set<String> = [
        "DEBUG", "FASTMCP_LOG_LEVEL", "LANG", "LC_ALL", "LOG_LEVEL", "NODE_ENV", "NO_COLOR",
        "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONUTF8", "TZ",
    ]
}
