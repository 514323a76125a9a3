import InterlockApprovals
import InterlockJSON
import InterlockKeys
import InterlockModel

private let orderExits: [Exit] = [.no, .data, .notFound, .unavailable, .notPermitted]

extension Command {
    static let peopleInvite = Command(
        "people invite EMAIL", "let somebody enrol a passkey or a key",
        options: [
            .directory, .person, .key, .json,
            Option(
                "--role ROLE", "kill, resume, security or break_glass; voting needs none",
                isRepeatable: true),
            .reason,
        ],
        exits: orderExits,
        notes: """
            Needs the role `security`. Prints a link for one credential, good for 72 hours: give it to that person
            alone, since whoever has it is believed to be them until somebody else with the role `security` has
            confirmed what was enrolled. In a group that approves is who the policy names there.
            """
    ) { invocation in
        let person = try personArgument(invocation)
        let client = try PeopleClient(invocation)
        let answer = try client.order(
            .invite(person, roles: try namedRoles("role", invocation)),
            reason: invocation["reason"] ?? "invited to decide")
        let token = answer["token"]?.string ?? ""
        let link = client.enrolment(token)
        if invocation.has("json") {
            var object = answer.object ?? [:]
            object["link"] = link.map(JSONValue.string)
            Output.json(.object(object))
            return .ok
        }
        Output.line(
            "\(person.address) may enrol one credential until \(answer["expires"]?.string ?? "-")")
        Output.line("  roles: \(roleText(answer["roles"]))")
        if let link { Output.line("  a passkey, in a browser: \(link)") }
        Output.line("  a key:  interlock people enrol --token \(token) --key FILE|agent")
        return .ok
    }

    static let peopleRole = Command(
        "people role EMAIL", "ask for a change of somebody's roles",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--add ROLE", "a role to give", isRepeatable: true),
            Option("--remove ROLE", "a role to take", isRepeatable: true),
        ],
        exits: orderExits,
        notes:
            "Needs the role `security`, and within a day a second person with it: `interlock people confirm ID`. A restart of the gateway forgets what was asked for."
    ) { invocation in
        let person = try personArgument(invocation)
        let (add, remove) = (
            try namedRoles("add", invocation), try namedRoles("remove", invocation)
        )
        guard !add.union(remove).isEmpty else {
            throw Failure(
                .usage, "`--add` or `--remove` is missing",
                help: "roles: " + Role.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let answer = try PeopleClient(invocation).order(
            .role(person, add: add, remove: remove),
            reason: try invocation.require("reason"))
        if invocation.has("json") {
            Output.json(answer)
            return .ok
        }
        let id = answer["id"]?.string ?? "-"
        Output.line(
            "asked; it waits until \(answer["expires"]?.string ?? "-") for a second person:")
        Output.line("  interlock people confirm \(id)")
        return .ok
    }

    static let peopleRevoke = Command(
        "people revoke EMAIL", "end every credential of one person, at once",
        options: [.directory, .person, .key, .reason, .json],
        exits: orderExits,
        notes: """
            Needs the role `security`; your own you may revoke without it. Votes that were not used yet are dropped,
            sessions end, and what waits for or by that person is forgotten. What the keys have signed stays
            verifiable. To let the person back in, invite them again.
            """
    ) { invocation in
        let person = try personArgument(invocation)
        let answer = try PeopleClient(invocation).order(
            .revoke(person), reason: try invocation.require("reason"))
        invocation.has("json")
            ? Output.json(answer)
            : Output.line("\(person.address) is revoked: no key or passkey of theirs counts")
        return .ok
    }
}
