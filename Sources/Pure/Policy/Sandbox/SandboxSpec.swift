/// The sandbox that a policy states for an agent or for a stdio server. It is a class, because thousands of agents
/// share the plain ones.
package final class SandboxSpec: Sendable {
    /// The part of the policy that a sandbox belongs to.
    enum Subject: Sendable {
        case agent, server

        var profile: SandboxProfile { self == .agent ? .isolated : .mcp }
    }

    package let settings: SandboxSettings
    /// The properties that ask for a change or a waiver, each with its location.
    let warnings: [Located<SandboxWarning>]

    private init(_ settings: SandboxSettings, _ warnings: [Located<SandboxWarning>]) {
        self.settings = settings
        self.warnings = warnings
    }

    private static let isolated = SandboxSpec(.isolated, [])
    private static let mcp = SandboxSpec(.mcp, [])

    /// Reads a `sandbox`, and reports what contradicts itself or is refused.
    static func read(
        _ value: TypedValue, of subject: Subject, _ findings: inout Findings
    ) -> SandboxSpec {
        var reader = SandboxReader(value, of: subject)
        reader.read()
        findings.add(contentsOf: reader.findings.unsorted)
        if reader.warnings.isEmpty {
            for plain in [isolated, mcp] where plain.settings == reader.settings { return plain }
        }
        return SandboxSpec(reader.settings, reader.warnings)
    }
}
