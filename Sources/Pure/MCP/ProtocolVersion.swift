/// The generations of MCP, oldest first (specs of MCP, section 2). What a message of one of them may hold
/// is asked here, and nowhere else.
// The dates keep their separators, or nobody could read them.
// swift-format-ignore: AlwaysUseLowerCamelCase
package enum ProtocolVersion: String, Sendable, Comparable, CaseIterable {
    case v2024_11_05 = "2024-11-05"
    case v2025_03_26 = "2025-03-26"
    case v2025_06_18 = "2025-06-18"
    case v2025_11_25 = "2025-11-25"
    /// No handshake and no session: each request says its version and the client's capabilities.
    case v2026_07_28 = "2026-07-28"

    /// What a handshake offers: to a client that asks for something unknown, and to upstreams.
    package static let newest = ProtocolVersion.v2025_11_25
    /// What `server/discover` offers.
    package static let modern = ProtocolVersion.v2026_07_28
    /// What a request without version header and session speaks.
    package static let assumedWithoutHeader = ProtocolVersion.v2025_03_26
    /// Those that a handshake can agree on.
    package static let legacy = allCases.filter { !$0.isModern }

    /// - Returns: nil for what no handshake agrees on, the modern version too.
    package init?(legacy text: String) {
        guard let version = ProtocolVersion(rawValue: text), !version.isModern else { return nil }
        self = version
    }

    /// For a handshake: a known version is echoed, an unknown one gets the newest.
    package static func negotiate(requested: String) -> ProtocolVersion {
        ProtocolVersion(legacy: requested) ?? newest
    }

    /// ISO dates: their texts sort as they do.
    package static func < (a: ProtocolVersion, b: ProtocolVersion) -> Bool {
        a.rawValue < b.rawValue
    }

    package var isModern: Bool { self >= .modern }
    package var allowsBatches: Bool { self == .v2025_03_26 }
    /// Completions are a capability of their own.
    package var hasCompletionCapability: Bool { self >= .v2025_03_26 }
    package var hasAnnotationsAndAudio: Bool { self >= .v2025_03_26 }
    package var hasTitlesAndStructuredContent: Bool { self >= .v2025_06_18 }
    /// A server may ask for a form to be filled in, or for a page to be opened.
    package var hasForms: Bool { self >= .v2025_06_18 }
    package var hasURLElicitation: Bool { self >= .v2025_11_25 }
    /// A stream that broke goes on where its client says that it was.
    package var hasResumption: Bool { self >= .v2025_03_26 && !isModern }
    /// Streams begin with an event without data. Older clients stumble over it.
    package var hasPolling: Bool { self == .v2025_11_25 }
    package var hasExecution: Bool { self == .v2025_11_25 }
    /// Structured content, and the schema for it, of any type; before, objects alone.
    package var hasAnyStructuredContent: Bool { isModern }
    /// Results say of which type they are.
    package var hasResultTypes: Bool { isModern }
}
