import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let peopleEnrol = Command(
        "people enrol", "enrol a key of the command line with an invitation",
        example:
            "interlock people enrol --token https://gateway.example:7401/enrol/Jx3 --key ~/.ssh/interlock",
        options: [
            .directory, .json,
            Option("--token TOKEN", "of the invitation; its link does as well").required,
            .key,
            Option(
                "--public FILE",
                "the public half of the one to enrol, where ssh-agent holds several"),
        ],
        exits: .ofOrders,
        notes: """
            The key signs that it is offered with this invitation. It counts when a second person has confirmed it
            (`interlock people confirm ID`): tell them the ID. `interlock people key FILE` makes a key. Passkeys are
            enrolled in a browser, with the link.
            """
    ) { invocation in
        let token = String(try invocation.require("token").split(separator: "/").last ?? "")
        let deployment = try Deployment.open(invocation)
        let gateway = GatewayClient(deployment)
        let invited = try gateway.post("/v1/people/invited", ["token": .string(token)])
        guard let person = invited["person"]?.string,
            let author = invited["pseudonym"]?.string.flatMap(Pseudonym.init(written:)),
            let hash = invited["invitation"]?.string.flatMap(Digest.init(prefixed:)),
            hash == Invitation.hash(of: token, OpenSSLHashing())
        else { throw Failure(.data, "the gateway's answer is not about this invitation") }
        let trust = try PersonSigner.trustFile(of: deployment)
        let key = try OfferedKey.open(invocation, of: person, trust)
        let (_, payload) = try statement(
            PeopleChange.enrol(hash), org: trust.org, reason: "enrols this key", by: author)
        let offer: Envelope
        do throws(KeyFailure) { offer = try key.envelope(.people, payload) } catch {
            throw Failure(.notPermitted, error.reason, help: error.help)
        }
        let answer = try gateway.post(
            "/v1/people/keys", ["token": .string(token), "offer": offer.json])
        let next = answer["id"]?.string.map { "it counts once a second person confirms it: \($0)" }
        return invocation.print(
            answer,
            "\(person): \(SSHPublicKey.line(of: key.publicKey))\n\(next ?? "it counts now")")
    }
}

/// The key to enrol: that of a key file, or one in ssh-agent that is not enrolled yet.
private enum OfferedKey {
    static func open(
        _ invocation: Invocation, of person: String, _ trust: AuthorizedKeys
    ) throws(Failure) -> PersonKey {
        let choice = try invocation.require("key")
        do {
            guard choice == "agent" else { return try PersonSigner.keys(named: choice)[0] }
            let agent = try SSHAgent.ofSession()
            let free = try agent.identities().filter { trust.holder(of: $0.key) == nil }
            return .agent(agent, try chosen(free, invocation["public"], person))
        } catch let failure as KeyFailure {
            throw Failure(.notPermitted, failure.reason, help: failure.help)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.notPermitted, "the key cannot be used")
        }
    }

    /// Returns the named key; otherwise the only key, or the only one whose comment is the person's address.
    private static func chosen(
        _ free: [SSHAgent.Identity], _ named: String?, _ person: String
    ) throws -> PublicKey {
        if let named {
            let key = try PublicKeyFile.read(named)
            guard free.contains(where: { $0.key == key }) else {
                throw Failure(
                    .notPermitted,
                    "ssh-agent does not hold the key of `\(named)`, or it is enrolled",
                    help: "ssh-add the private half")
            }
            return key
        }
        if free.count == 1 { return free[0].key }
        let own = free.filter { $0.comment == person }
        guard own.count == 1 else {
            throw Failure(
                .notPermitted,
                free.isEmpty
                    ? "ssh-agent holds no key that is not enrolled already"
                    : "ssh-agent holds \(free.count) keys that are not enrolled",
                help: free.isEmpty ? "ssh-keygen -t ed25519; ssh-add" : "name one by --public FILE")
        }
        return own[0].key
    }
}
