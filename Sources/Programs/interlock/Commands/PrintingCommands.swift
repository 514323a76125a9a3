import InterlockAPI
import InterlockCommandLine
import InterlockConfiguration
import InterlockConsole
import InterlockLedger
import InterlockModel
import InterlockPolicy

/// The commands that print a document of the program itself.
extension Command {
    static let version = Command(
        "version", "print the version of this program",
        example: "interlock version",
        run: printing { "interlock \(Product.version)\n" })

    static let completion = Command(
        "completion SHELL", "print a script that completes command lines in bash, zsh or fish",
        example: "interlock completion bash",
        notes: "For instance in ~/.bashrc: source <(interlock completion bash)"
    ) { invocation in
        guard let shell = Completion.Shell(rawValue: invocation.positional[0]) else {
            throw Failure(
                .usage, "no completion for `\(invocation.positional[0])`", help: "bash, zsh or fish"
            )
        }
        Output.text(Completion.script(for: shell, commands))
        return .ok
    }

    static let manual = Command(
        "manual", "print the manual page",
        example: "interlock manual | man -l -",
        notes: "Read it with: interlock manual | man -l -",
        run: printing { Manual.page(commands, groups: commandGroups) })

    static let configReference = Command(
        "config reference", "print the reference of interlock.yaml",
        example: "interlock config reference",
        run: printing { ConfigurationFile.reference })

    static let openAPI = Command(
        "openapi", "print the document of the people plane's API",
        example: "interlock openapi > openapi.json",
        notes:
            "OpenAPI 3.1, the file docs/openapi.json. The API is served under /api/v1 where\n`approval_service.console` has an address.",
        run: printing { OpenAPI.text })

    static let auditRecords = Command(
        "audit records", "print every type of record with its fields",
        example: "interlock audit records",
        notes: "The page docs/records.md.", run: printing { RecordReference.text })

    static let policySchema = Command(
        "policy schema", "print the JSON Schema of the policy files",
        example: "interlock policy schema > policy.schema.json",
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
