import InterlockApprovalCommands
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let peopleConfirm = Command(
        "people confirm ID", "sign, as the second person, what was enrolled or asked for",
        example: "interlock people confirm 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option(
                "--digest SHA256",
                "the whole digest of what waits, instead of typing its last 6 digits"),
            .reason,
        ],
        exits: .ofOrders,
        notes: """
            Needs the role `security`, and somebody else than who invited or asked and than whom it is about, unless
            one person alone has the role. Before you confirm a credential, have its holder read ID to you: whoever had
            the link has enrolled it. A confirmed one cannot vote at tier high for 24 hours.
            """
    ) { invocation in
        let id = try invocation.argument(
            "no id of something that waits", help: "interlock people list"
        ) { OrderID($0) }
        let waiting = try Unconfirmed(try invocation.gateway().get("/v1/people/\(id.text)"), id)
        if !invocation.isJSON { Output.text(waiting.text) }
        try invocation.compare(
            waiting.digest, of: "what waits", to: "confirm",
            help: "`interlock people list` shows it; then --digest sha256:...")
        let answer = try invocation.order(
            .confirm(id, of: waiting.digest), because: invocation["reason"] ?? "seen and confirmed")
        let (person, state) = (answer.text("person"), answer.text("state"))
        return invocation.print(answer, "\(person) \(state); roles: \(roleText(answer["roles"]))")
    }
}

/// An order or enrolment that waits for a second signature. The digest covers the values that are printed.
struct Unconfirmed {
    let digest: Digest
    private let shown: JSONValue
    private let line: JSONValue

    init(_ line: JSONValue, _ id: OrderID) throws(Failure) {
        let shown = line["shown"] ?? .null
        let own = shown["id"]?.string ?? shown["order"]?["id"]?.string
        guard own == id.text, let bytes = try? shown.canonical() else {
            throw Failure(.data, "the gateway shows something else than `\(id.text)`")
        }
        self.shown = shown
        self.line = line
        digest = OpenSSLHashing().sha256(bytes.span)
    }

    /// The rows to print: the signed members, the first signer, the deadline and the digest.
    var text: String {
        var rows: [(String, String)] = []
        func add(_ name: String, _ value: JSONValue?) {
            guard let text = value?.string else { return }
            rows.append((name, TerminalEscaping.shown(text)))
        }
        if let order = shown["order"] {
            add("person", order["person"])
            rows.append(("gives", roleText(order["add"])))
            rows.append(("takes", roleText(order["remove"])))
            add("reason", order["reason"])
        } else {
            add("person", shown["person"])
            rows.append(("credential", CredentialText.text(shown["credential"] ?? .null)))
        }
        rows.append(("then has", roleText(shown["roles"])))
        add("first", line["by"])
        add("until", line["expires"])
        rows.append(("digest", digest.prefixed))
        return rows.map { $0.0.padded(to: 12) + $0.1 + "\n" }.joined()
    }
}

/// Formats a credential so that its holder can compare it.
enum CredentialText {
    static func text(_ credential: JSONValue) -> String {
        if credential["kind"]?.string == "ed25519",
            let key = credential["key"]?.string.flatMap(PublicKey.init(base64:))
        {
            return SSHPublicKey.line(of: key)
        }
        return "passkey \(credential.text("id")) for \(credential.text("rp"))"
    }
}
