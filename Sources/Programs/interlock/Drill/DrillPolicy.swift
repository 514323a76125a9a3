import InterlockAdministration
import InterlockModel
import InterlockSelfTesting

/// The policy of a drill: its canaries may only count.
enum DrillPolicy {
    static func made(at now: Timestamp) throws -> CanaryPolicy {
        try CanaryPolicy("drill.yaml", text, at: now)
    }

    /// The canaries, each with the server that it calls.
    private static let canaries = [
        ("http", "http"), ("relay", "http"), ("sandbox", "http"), ("stdio", "stdio"),
    ]

    private static var text: String {
        var text = """
            interlock: 1
            org: drill
            kill_switch: org-wide, tested monthly
            tiers: {low: {calls: 1000000/m}}
            servers:

            """
        for transport in ["http", "stdio"] {
            text += """
                  \(CanaryNames.server(transport)):
                    tools:
                      \(CountingServer.tool): {class: read}

                """
        }
        text += "agents:\n"
        for (canary, transport) in canaries {
            text += """
                  \(CanaryNames.agent(canary)):
                    owner: drill@interlock.invalid
                    purpose: Counts in a drill of the kill switch
                    tier: low
                    stage: trusted
                    review_by: "2099-12-31"
                    mcp_scopes: {\(CanaryNames.server(transport)): [\(CountingServer.tool)]}

                """
            // The relay inside asks for a token; the supervisor puts the run's own in its place.
            if canary == "sandbox" {
                text += """
                        sandbox:
                          workspace: {mode: none}
                          env: {INTERLOCK_TOKEN: none}
                          limits: {wall: 15m}

                    """
            }
        }
        return text
    }
}
