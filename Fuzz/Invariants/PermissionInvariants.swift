import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockYAML

extension Invariants {
    /// Permission rules of a host become a policy without errors, whatever they are, and each rule that does not is named.
    package static func permissions(_ bytes: [UInt8]) {
        guard let file = try? PermissionFile(bytes), let agent = AgentName("code"),
            let owner = Person("li@acme.example"), let first = Person("ada@acme.example"),
            let second = Person("sam@acme.example")
        else { return }
        precondition(file.rules.count <= PermissionFile.mostRules, "bounded rules")
        let rules = PermissionImport([file])
        precondition(rules.unused.count <= file.rules.count, "a rule is named once")
        let policy = ImportedPolicy(
            rules, agent: agent, organisation: agent, owner: owner, approvers: [first, second],
            day: CivilDate(daysSince1970: policyTime.microseconds / 86_400_000_000))
        let read = PolicyReader.read([
            PolicyFile(path: "policy.yaml", role: .single, bytes: Array(policy.text.utf8))
        ])
        precondition(read.document != nil, "the policy is read")
        for finding in read.report(with: policyEngines, at: policyTime) {
            precondition(
                "WN".contains(finding.code.rawValue.prefix(1)),
                "the policy has no error: \(finding.text)")
        }
    }
}
