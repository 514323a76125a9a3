/// The legacy generations of MCP, oldest first (specs of MCP, section 2). The modern era has no
/// handshake and no session; it is told apart by `Era`.
// The dates keep their separators, or nobody could read them.
// swift-format-ignore: AlwaysUseLowerCamelCase
package enum ProtocolVersion: String, Sendable, Comparable, CaseIterable {
    case v2024_11_05 = "2024-11-05"
    case v2025_03_26 = "2025-03-26"
    case v2025_06_18 = "2025-06-18"
    case v2025_11_25 = "2025-11-25"

    /// What is offered to a client that asks for something unknown, and to upstreams.
    package static let newest = ProtocolVersion.v2025_11_25
    /// What a request without version header and session speaks.
    package static let assumedWithoutHeader = ProtocolVersion.v2025_03_26

    /// A known version is echoed, an unknown one gets the newest.
    package static func negotiate(requested: String) -> ProtocolVersion {
        ProtocolVersion(rawValue: requested) ?? newest
    }

    /// ISO dates: their texts sort as they do.
    package static func < (a: ProtocolVersion, b: ProtocolVersion) -> Bool {
        a.rawValue < b.rawValue
    }

    package var allowsBatches: Bool { self == .v2025_03_26 }
    package var hasAnnotationsAndAudio: Bool { self >= .v2025_03_26 }
    package var hasTitlesAndStructuredContent: Bool { self >= .v2025_06_18 }
    package var hasIconsAndExecution: Bool { self >= .v2025_11_25 }
}
