package import InterlockJSON

/// The first file of a pack to read: what is in it, and how it is checked. It names the files that are there and no others.
package enum PackReadme {
    /// A file of a pack, or a folder that ends in `/`, in the order in which people read them.
    private static let parts = [
        ("report.md", "the gaps, the controls, the reviews, and the questions that auditors ask"),
        ("report.html", "the same for a browser"),
        (
            "agents.json",
            "the agents of the policy when the pack was built: owner, purpose, tier, review"
        ),
        (
            "roles.json",
            "who may stop agents (kill) and release them (resume), approve calls and change the policy"
        ),
        ("people.json", "the addresses behind the pseudonyms in records"),
        ("inventory.json", "each tool with its class, its pin, and the agents that have it"),
        (
            "exceptions.json",
            "what went past a rule by permission, and what ran with less than it should"
        ),
        ("controls/", "a file for each control: status, tests, counts, samples, reviewer and gaps"),
        ("reviews/", "the signed reviews; `payload` is base64 of the document"),
        ("trust/", "the signed promotions and ceilings of agents, in the same form"),
        ("evals/", "the signed results of evals, in the same form"),
        ("drills/", "the signed reports of drills of the kill switch, in the same form"),
        ("tests/release.json", "the signed results of the tests of this build"),
        ("tests/deployment.json", "the signed results of the newest self-test of this deployment"),
        ("policy/", "each policy that was in force, by its digest"),
        ("records/", "records of the log, byte for byte"),
        ("proofs/", "the proof of each record"),
        ("logs/", "the checkpoints that the proofs lead to"),
        ("frameworks/", "which control speaks to which item of a framework"),
        ("verifier/", "the digest of the verifier that came with the builder"),
        ("manifest.dsse.json", "the signed list of all files"),
    ]

    /// - Parameters:
    ///   - head: the members of the manifest but for `files`.
    ///   - names: the files of the pack.
    package static func markdown(_ head: JSONObject, names: [String]) -> String {
        let org = head["scope"]?["org"]?.string ?? "unknown"
        let period =
            "\(head["from"]?.string ?? "unknown") to \(head["to"]?.string ?? "unknown")"
        let rows = parts.filter { PackFileName.has($0.0, names) }.map { [$0.0, $0.1] }
        return ReportBlock.markdown([
            .heading(1, "Evidence pack of \(org), \(period)"),
            .paragraph("Read report.md first: it begins with what is not shown."),
            .table(["file", "content"], rows),
            .paragraph(
                "Check it with a verifier and keys that did not come with it: interlock-verify evidence PACK --trust FILE --log DIR."
            ),
            .paragraph(
                "Payloads, such as the arguments of calls and the reason of an incident, are not in a pack: records have their digests. "
                    + "Ask the deployment for those that you need: interlock audit bundle RUN --disclose FIELD."
            ),
        ])
    }
}
