package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicyReview

extension Command {
    package static let policyImport = Command(
        "policy import FILE...", "turn a host's permission rules into a policy",
        example:
            "interlock policy import .claude/settings.json --from claude-code --agent code-fix --org acme"
            + " --owner li@acme.example --approver ada@acme.example --approver sam@acme.example",
        options: [
            .json,
            Option("--from HOST", "whose rules they are: claude-code").required,
            Option("--agent AGENT", "the agent that gets them").required,
            Option("--org NAME", "the organisation").required,
            Option("--owner EMAIL", "who answers for the policy and its agent").required,
            Option(
                "--approver EMAIL", "who approves calls; two people, as some need two",
                isRepeatable: true
            ).required,
            Option("--out FILE", "write the policy to a new file (default: print it)"),
        ],
        exits: [.no, .data, .notFound, .cannotCreate, .io],
        notes: """
            FILE is a settings.json. Its rules under `permissions` become grants, approvals, forbids, listed commands
            and hidden names. Each rule that is not in the policy is named on standard error with its cause: it never
            matches, or a policy cannot express it. Exit 1: some are.
            """
    ) { invocation in
        guard try invocation.require("from") == "claude-code" else {
            throw Failure(
                .usage, "`--from` is not a host whose rules are read", help: "claude-code")
        }
        let agent = try Invocation.parsed(
            try invocation.require("agent"), "no name of an agent", .usage
        ) { AgentName($0) }
        let organisation = try Invocation.parsed(
            try invocation.require("org"), "no name of an organisation", .usage
        ) { AgentName($0) }
        let owner = try person(try invocation.require("owner"))
        var approvers: [Person] = []
        for text in invocation.all("approver") { approvers.append(try person(text)) }
        if let path = invocation["out"] { try OutputFile.requireFree(path) }
        var files: [PermissionFile] = []
        for path in invocation.positional { files.append(try permissions(path)) }
        let rules = PermissionImport(files)
        let policy = ImportedPolicy(
            rules, agent: agent, organisation: organisation, owner: owner, approvers: approvers,
            day: CivilDate(daysSince1970: SystemClock().now.wall.microseconds / 86_400_000_000))
        if let path = invocation["out"] {
            try OutputFile.write(Array(policy.text.utf8), to: path)
        }
        let others = files.flatMap(\.others)
        if invocation.isJSON {
            Output.json([
                "policy": .string(policy.text), "unused": .array(rules.unused.map(\.json)),
                "other_members": .strings(others),
            ])
        } else if invocation["out"] == nil {
            Output.line(String(policy.text.dropLast()))
        }
        for rule in rules.unused {
            Output.error(
                "\(rule.effect.rawValue) `\(TerminalEscaping.shown(rule.text))` \(rule.kind.rawValue): "
                    + TerminalEscaping.shown(rule.cause))
        }
        for member in others {
            Output.error(
                "permissions: `\(TerminalEscaping.shown(member))` is not a rule, and not read")
        }
        return rules.unused.isEmpty && others.isEmpty ? .ok : .no
    }
}

private func person(_ text: String) throws(Failure) -> Person {
    try Invocation.parsed(text, "no e-mail address", .usage) { Person($0) }
}

private func permissions(_ path: String) throws(Failure) -> PermissionFile {
    let bytes: [UInt8]
    do throws(FileFailure) {
        bytes = try File.readRegular(path, limit: PermissionFile.largest)
    } catch { throw Failure(error.isMissing ? .notFound : .data, error.message) }
    do throws(PermissionFileError) { return try PermissionFile(bytes) } catch {
        throw Failure(
            .data, "`\(TerminalEscaping.shown(path))`: \(TerminalEscaping.shown(error.message))")
    }
}

extension UnusedPermission {
    fileprivate var json: JSONValue {
        [
            "list": .string(effect.rawValue), "rule": .string(text),
            "kind": .string(kind == .neverMatches ? "never_matches" : "not_expressed"),
            "cause": .string(cause),
        ]
    }
}
