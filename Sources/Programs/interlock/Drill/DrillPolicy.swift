import InterlockCredentials
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones

/// The policy in the sub-organisation of a drill: canaries may only count.
enum DrillPolicy {
    private static let text = """
        interlock: 1
        org: drill
        kill_switch: org-wide, tested monthly
        tiers: {low: {calls: 1000000/m}}
        servers:
          drill-http:
            tools:
              count: {class: read}
          drill-stdio:
            tools:
              count: {class: read}
        agents:
          canary-http:
            owner: drill@interlock.invalid
            purpose: Counts in a drill of the kill switch
            tier: low
            stage: trusted
            review_by: "2099-12-31"
            mcp_scopes: {drill-http: [count]}
          canary-relay:
            owner: drill@interlock.invalid
            purpose: Counts in a drill of the kill switch
            tier: low
            stage: trusted
            review_by: "2099-12-31"
            mcp_scopes: {drill-http: [count]}
          canary-stdio:
            owner: drill@interlock.invalid
            purpose: Counts in a drill of the kill switch
            tier: low
            stage: trusted
            review_by: "2099-12-31"
            mcp_scopes: {drill-stdio: [count]}
        """

    static func snapshot(at now: Timestamp) throws -> PolicySnapshot {
        let reading = PolicyReader.read([
            PolicyFile(path: "drill.yaml", role: .single, bytes: Array(text.utf8))
        ])
        guard let document = reading.document else {
            throw Failure(
                .internalError,
                "the drill's policy does not read: "
                    + reading.findings.reported.map(\.text).joined(separator: "; "))
        }
        return try PolicySnapshot(
            compiling: document, with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: now, hashing: OpenSSLHashing())
    }
}
