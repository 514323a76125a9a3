package import InterlockModel

/// Converts the server names of hosts into unique server names of the policy.
package struct ServerKeys: Sendable {
    private var taken: Set<ServerName> = []

    package init() {}

    /// Returns the name in lower case, with `-` for all other characters, and with `-2` and so on if it is taken.
    ///
    /// - Returns: nil if no character of the name is valid.
    package mutating func take(_ name: String) -> ServerName? {
        let parts = name.lowercased().split { character in
            !(character.isASCII && (character.isLetter || character.isNumber))
        }
        let base = String(parts.joined(separator: "-").prefix(longest))
        guard !base.isEmpty else { return nil }
        for number in 1...longest {
            let suffix = number == 1 ? "" : "-\(number)"
            var short = base.prefix(longest - suffix.count)
            while short.last == "-" { short.removeLast() }
            guard let key = ServerName(short + suffix) else { return nil }
            if taken.insert(key).inserted { return key }
        }
        return nil
    }

    private let longest = 32
}
