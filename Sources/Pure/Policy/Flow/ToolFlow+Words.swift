import InterlockSafety

extension ToolFlow {
    /// The statements in words for people, one clause each; empty if there are none.
    package var words: [String] {
        var words: [String] = []
        switch source {
        case .untrusted?: words.append("returns what outsiders wrote")
        case .internal?: words.append("returns what the organisation wrote")
        case nil: break
        }
        if sends { words.append(Self.sendsWords) }
        if let keys { words.append("decided by the values of " + Self.list(keys.map(\.text))) }
        if !intent.isEmpty { words.append("meant by a request with " + Self.list(intent)) }
        if !trustedFields.isEmpty {
            words.append("trusted in its results: " + Self.list(trustedFields.map(\.text)))
        }
        if !untrustedFields.isEmpty {
            words.append("not trusted in its results: " + Self.list(untrustedFields.map(\.text)))
        }
        for secretClass in SecretClassSet.numbers.classes {
            if let paths = accepted[secretClass] {
                words.append("takes \(secretClass.rawValue) in " + Self.list(paths.map(\.text)))
            }
            if let paths = returned[secretClass] {
                words.append("returns \(secretClass.rawValue) in " + Self.list(paths.map(\.text)))
            }
        }
        return words
    }

    package static let sendsWords = "sends data out"

    private static func list(_ texts: [String]) -> String { texts.joined(separator: ", ") }
}
