package import InterlockModel

/// Names of hosts' servers as names of servers here, each once.
package struct ServerKeys: Sendable {
    private var taken: Set<ServerName> = []

    package init() {}

    /// The name in lower case, with `-` for whatever does not fit; `-2` and so on where that is taken.
    ///
    /// - Returns: nil when nothing of it fits.
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
