import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let login = Command(
        "login [EMAIL]", "be the person for whom commands sign where --as is not given",
        example: "interlock login ada@acme.example --key ~/.ssh/interlock",
        options: [
            .directory, .json, .key,
            Option("--forget", "have no default person any more"),
        ],
        exits: [.no, .data, .cannotCreate, .io, .notPermitted],
        notes: """
            Writes interlock/person.json in $XDG_CONFIG_HOME, else in ~/.config. It chooses a default and grants \
            nothing: every order is signed by the person's key. Without EMAIL it says who that is; exit 1: no one.
            """
    ) { invocation in
        if invocation.has("forget") {
            guard invocation.positional.isEmpty else {
                throw Failure(.usage, "`--forget` takes no EMAIL")
            }
            let had = try DefaultPerson.forget()
            return invocation.print(
                ["person": .null], had ? "there is no default person now" : "there was none")
        }
        guard let text = invocation.positional.first else {
            guard let current = try DefaultPerson.read() else {
                invocation.print(["person": .null], "there is no default person")
                return .no
            }
            return invocation.print(current.json, current.sentence)
        }
        let person = try Invocation.parsed(text, "no e-mail address", .usage) { Person($0) }
        let chosen = DefaultPerson(person: person, key: try keyFile(invocation["key"]))
        if let deployment = try? Deployment.open(invocation) {
            try PersonSigner.person(
                named: person.address, PersonSigner.trustFile(of: deployment))
        }
        try chosen.write()
        return invocation.print(chosen.json, chosen.sentence)
    }
}

/// The key's file, or nil for ssh-agent. A path is made absolute, because later commands run elsewhere.
private func keyFile(_ choice: String?) throws(Failure) -> String? {
    guard let choice, choice != "agent" else { return nil }
    guard let path = File.realPath(choice) else {
        throw Failure(.notPermitted, "there is no key file `\(choice)`")
    }
    return path
}

extension DefaultPerson {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["person": .string(person.address)]
        object["key"] = .string(key ?? "agent")
        return .object(object)
    }

    fileprivate var sentence: String {
        "\(person.address) signs, with \(key.map { "the key `\($0)`" } ?? "a key of ssh-agent")"
    }
}
