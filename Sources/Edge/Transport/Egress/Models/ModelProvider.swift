package import InterlockEgress
import InterlockPorts

/// A provider of `models` with its key. The key is kept in memory outside of the sandbox and is part of no description.
package struct ModelProvider: Sendable, CustomStringConvertible, CustomReflectable {
    package let upstream: ModelUpstream
    private let key: String

    private static let longestKey = 4096

    /// - Returns: nil unless the key has 1 to 4096 bytes of visible ASCII.
    package init?(_ upstream: ModelUpstream, key: String) {
        guard (1...Self.longestKey).contains(key.utf8.count),
            key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        self.upstream = upstream
        self.key = key
    }

    package var description: String { upstream.destination.rule }
    package var customMirror: Mirror { Mirror(self, children: [("name", upstream.name)]) }

    /// The fields of the request to the provider: those of the caller without its credentials and without those of its
    /// connection, and the key. A request with `anthropic-version`, which Anthropic's API requires, gets the key as
    /// `x-api-key`; every other as `Authorization: Bearer`.
    func headers(for head: RequestHead) -> [(name: String, value: String)] {
        let isAnthropic = head["anthropic-version"] != nil
        return head.headers.filter {
            !ConnectionFields.contains($0.name) && !Self.isReplaced($0.name)
        } + [
            // The tokens of an encoded answer could not be read.
            ("accept-encoding", "identity"),
            isAnthropic ? ("x-api-key", key) : ("authorization", "Bearer \(key)"),
        ]
    }

    /// Fields by which the caller could name a credential, or another origin of the request.
    private static func isReplaced(_ name: String) -> Bool {
        [
            "accept-encoding", "api-key", "authorization", "cookie", "forwarded", "x-api-key",
            "x-goog-api-key",
        ].contains { name.utf8.elementsEqual($0.utf8) } || name.hasPrefix("x-forwarded-")
    }
}
