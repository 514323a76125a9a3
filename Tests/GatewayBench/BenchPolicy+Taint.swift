/// Changes of the policy of the tests that decide what follows from the content that runs of `clerk` read.
extension BenchPolicy {
    static let strict = taint("{mode: strict}")
    static let deny = taint("{mode: strict, hostile: deny}")
    static let provenance = taint("{mode: provenance}")

    static func taint(_ rule: String) -> [(String, String)] {
        [("approvers: finance\n", "approvers: finance\n    taint: \(rule)\n")]
    }

    /// A review that makes server `desk` an internal one. Without it, the server counts as external.
    static let reviewed = [
        (
            "environment: staging\n",
            "environment: staging\n    reviewed: {by: li@acme.example, on: \"2026-11-01\", trust: internal}\n"
        )
    ]
}
