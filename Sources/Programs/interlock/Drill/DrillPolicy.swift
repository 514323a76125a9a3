import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockYAML
import InterlockZones

/// The policy of a drill: its canaries may only count.
struct DrillPolicy {
    let snapshot: PolicySnapshot
    /// The text that its digest covers, and the files with which its decisions are made again.
    let canonical: [UInt8]
    let bundle: [UInt8]
    let zones: String

    init(at now: Timestamp) throws {
        let file = PolicyFile(path: "drill.yaml", role: .single, bytes: Array(Self.text.utf8))
        zones = SystemZones().version
        guard let bundle = PolicyBundle(files: [file], lock: nil, zones: zones).bytes else {
            throw Failure(.internalError, "the drill's policy has no bundle")
        }
        let reading = PolicyReader.read([file], keepsTrees: false, namesCanaries: true)
        do throws(PolicyRefusal) {
            snapshot = try LoadedPolicy(
                reading, lock: .ignored, at: now, bundle: OpenSSLHashing().sha256(bundle)
            ).snapshot
        } catch {
            throw Failure(
                .internalError,
                "the drill's policy does not read: "
                    + error.findings.map(\.text).joined(separator: "; "))
        }
        guard let canonical = snapshot.takeCanonical()?.bytes(lock: nil) else {
            throw Failure(.internalError, "the drill's policy has no canonical form")
        }
        self.canonical = canonical
        self.bundle = bundle
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
