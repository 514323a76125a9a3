import InterlockJSON
import InterlockPolicy

extension Command {
    static let policySchema = Command(
        "policy schema", "print the JSON Schema of the policy files",
        options: [
            Option("--reference", "print the reference page instead"),
            Option("--findings", "print the table of findings instead"),
        ],
        notes: "For editors: `# yaml-language-server: $schema=policy.schema.json` begins a file."
    ) { invocation in
        if invocation.has("reference") {
            Output.text(PolicyReference.text)
        } else if invocation.has("findings") {
            Output.text(FindingReference.text)
        } else {
            Output.json(PolicyJSONSchema.document)
        }
        return .ok
    }
}
