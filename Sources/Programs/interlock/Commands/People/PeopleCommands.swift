import InterlockApprovals
import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let peopleInvite = Command(
        "people invite EMAIL", "invite a person to enrol a passkey or a key",
        example:
            "interlock people invite bo@acme.example --role resume --as ada@acme.example --reason 'Second on call'",
        options: [
            .directory, .person, .key, .json,
            Option(
                "--role ROLE", "kill, resume, security or break_glass; voting needs none",
                isRepeatable: true),
            .reason,
        ],
        exits: .ofOrders,
        notes: """
            Needs the role `security`. Prints a link for one credential, good for 72 hours: give it to that person
            alone, since whoever has it is believed to be them until somebody else with the role `security` has
            confirmed what was enrolled. In a group that approves is who the policy names there.
            """
    ) { invocation in
        let person = try personArgument(invocation)
        let deployment = try Deployment.open(invocation)
        let answer = try invocation.order(
            .invite(person, roles: try namedRoles("role", invocation)),
            because: invocation["reason"] ?? "invited to decide")
        let token = answer["token"]?.string ?? ""
        // The address at which a passkey is enrolled; there is none without a console.
        let link = deployment.configuration.approvals.servedConsole?.link("/enrol/\(token)")
        var object = answer.object ?? [:]
        object["link"] = link.map(JSONValue.string)
        var lines = [
            "\(person.address) may enrol one credential until \(answer.text("expires"))",
            "  roles: \(roleText(answer["roles"]))",
        ]
        if let link { lines.append("  a passkey, in a browser: \(link)") }
        lines.append("  a key:  interlock people enrol --token \(token) --key FILE|agent")
        return invocation.print(.object(object), lines.joined(separator: "\n"))
    }

    static let peopleRole = Command(
        "people role EMAIL", "request a change of a person's roles",
        example:
            "interlock people role bo@acme.example --add kill --as ada@acme.example --reason 'Joins the rota'",
        options: [
            .directory, .person, .key, .reason.required, .json,
            Option("--add ROLE", "a role to give", isRepeatable: true),
            Option("--remove ROLE", "a role to take", isRepeatable: true),
        ],
        exits: .ofOrders,
        notes:
            "Needs the role `security`, and within a day a second person with it: `interlock people confirm ID`. A restart of the gateway forgets what was asked for."
    ) { invocation in
        let person = try personArgument(invocation)
        let add = try namedRoles("add", invocation)
        let remove = try namedRoles("remove", invocation)
        guard !add.union(remove).isEmpty else {
            throw Failure(.usage, "`--add` or `--remove` is missing", help: Role.helpOfAll)
        }
        let answer = try invocation.order(
            .role(person, add: add, remove: remove), because: try invocation.require("reason"))
        return invocation.print(
            answer,
            "asked; it waits until \(answer.text("expires")) for a second person:\n"
                + "  interlock people confirm \(answer.text("id"))")
    }

    static let peopleRevoke = Command(
        "people revoke EMAIL", "end every credential of one person, at once",
        example:
            "interlock people revoke bo@acme.example --as ada@acme.example --reason 'Left the company'",
        options: [.directory, .person, .key, .reason.required, .json],
        exits: .ofOrders,
        notes: """
            Needs the role `security`; your own you may revoke without it. Votes that were not used yet are dropped,
            sessions end, and what waits for or by that person is forgotten. What the keys have signed stays
            verifiable. To let the person back in, invite them again.
            """
    ) { invocation in
        let person = try personArgument(invocation)
        let answer = try invocation.order(
            .revoke(person), because: try invocation.require("reason"))
        return invocation.print(
            answer, "\(person.address) is revoked: no key or passkey of theirs counts")
    }
}

extension Invocation {
    /// Signs a change of people with the current time and sends it to the gateway.
    func order(_ change: PeopleOrder.Action, because reason: String) throws(Failure) -> JSONValue {
        try order(change, reason: reason, to: "/v1/people/orders")
    }
}

/// Returns the person whose address is the first argument.
func personArgument(_ invocation: Invocation) throws(Failure) -> Person {
    try invocation.argument("no e-mail address", .usage) { Person($0) }
}

/// Returns every role that an option names.
func namedRoles(_ option: String, _ invocation: Invocation) throws(Failure) -> Set<Role> {
    Set(try invocation.all(option).map { name throws(Failure) in try Role.named(name) })
}

/// Returns the roles as text, such as `kill, resume`.
func roleText(_ roles: JSONValue?) -> String {
    let names = (roles?.array ?? []).compactMap(\.string)
    return names.isEmpty ? "none: voting needs none" : names.joined(separator: ", ")
}

extension Role {
    static let helpOfAll = "roles: " + allCases.map(\.rawValue).joined(separator: ", ")

    /// - Throws: exit 64 if the word is not a role.
    static func named(_ word: String) throws(Failure) -> Role {
        try Invocation.parsed(word, "no role", help: helpOfAll, .usage) { Role(rawValue: $0) }
    }
}
