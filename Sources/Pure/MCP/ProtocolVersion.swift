/// The versions of MCP, oldest first (docs/specs/mcp.md, section 2). This type alone determines what a message of each
/// version may contain.
// The dates keep their separators for readability.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// INVARIANT: each scenario of the official conformance suite has a test of ours or a reason. Kept by
/// `test_conformance.py`.
package enum ProtocolVersion: String, Sendable, Comparable, CaseIterable {
    case v2024_11_05 = "2024-11-05"
    case v2025_03_26 = "2025-03-26"
    case v2025_06_18 = "2025-06-18"
    case v2025_11_25 = "2025-11-25"
    /// The modern version, without handshake and session: each request states its version and the client's
    /// capabilities.
    case v2026_07_28 = "2026-07-28"

    /// The version that the gateway offers in a handshake: to a client that requests an unknown version, and to
    /// upstream servers.
    package static let newest = ProtocolVersion.v2025_11_25
    /// The version that `server/discover` offers.
    package static let modern = ProtocolVersion.v2026_07_28
    /// The version of a request that has neither version header nor session.
    package static let assumedWithoutHeader = ProtocolVersion.v2025_03_26
    /// The versions that a handshake can agree on.
    package static let legacy = allCases.filter { !$0.isModern }

    /// - Returns: nil if a handshake cannot agree on the version, such as the modern one.
    package init?(legacy text: String) {
        guard let version = ProtocolVersion(rawValue: text), !version.isModern else { return nil }
        self = version
    }

    /// Returns the version for a handshake: a known legacy version is confirmed, any other is answered with the newest.
    package static func negotiate(requested: String) -> ProtocolVersion {
        ProtocolVersion(legacy: requested) ?? newest
    }

    /// Compares the texts, which sort as the ISO dates that they are.
    package static func < (a: ProtocolVersion, b: ProtocolVersion) -> Bool {
        a.rawValue < b.rawValue
    }

    package var isModern: Bool { self >= .modern }
    package var allowsBatches: Bool { self == .v2025_03_26 }
    /// True if completions are a separate capability.
    package var hasCompletionCapability: Bool { self >= .v2025_03_26 }
    package var hasAnnotationsAndAudio: Bool { self >= .v2025_03_26 }
    package var hasTitlesAndStructuredContent: Bool { self >= .v2025_06_18 }
    /// True if a server may request that a form is completed. `hasURLElicitation` is the same for opening a page.
    package var hasForms: Bool { self >= .v2025_06_18 }
    package var hasURLElicitation: Bool { self >= .v2025_11_25 }
    /// True if a broken stream resumes at the position that its client states.
    package var hasResumption: Bool { self >= .v2025_03_26 && !isModern }
    /// True if streams begin with an event without data, which older clients cannot handle.
    package var hasPolling: Bool { self == .v2025_11_25 }
    package var hasExecution: Bool { self == .v2025_11_25 }
    /// True if structured content and its schema may be of any type; in older versions they must be objects.
    package var hasAnyStructuredContent: Bool { isModern }
    /// True if results state their type.
    package var hasResultTypes: Bool { isModern }
}
