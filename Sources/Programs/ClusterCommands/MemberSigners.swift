import InterlockCluster
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

/// The people whose signatures an order about members needs, and the one who signs now.
struct MemberSigners {
    let people: SignedOrderVerifier
    let now = SystemClock().wall

    private var trust: AuthorizedKeys { people.trust }
    /// The number of people who must sign.
    var need: Int { trust.releaseQuorum }

    /// Those who can sign by a key: they have the role `security`, and a key that is neither revoked nor expired.
    private var able: [TrustedPerson] {
        trust.people.filter { person in
            person.roles.contains(.security)
                && person.keys.contains { !$0.isRevoked && !$0.isExpired(at: now) }
        }
    }

    /// Returns the people whom a new order names.
    ///
    /// - Throws: exit 77 if too few can sign.
    func authors() throws(Failure) -> [Pseudonym] {
        guard able.count >= need else {
            throw Failure(
                .notPermitted,
                "\(able.count) of \(need) people can sign: it takes the role `security` and a valid key",
                help: "give a second person the role while the gateway runs: interlock people role")
        }
        return able.prefix(Envelope.mostSignatures).map(\.pseudonym)
    }

    /// Returns true if enough people have signed.
    ///
    /// - Throws: exit 77 for a signature that does not count.
    func isEnough(_ file: MemberFile) throws(Failure) -> Bool {
        do throws(OrderRefusal) {
            return try file.signers(by: people, at: now).count >= need
        } catch {
            let names = able.map(\.person.address).joined(separator: ", ")
            throw Failure(
                .notPermitted, error.text(of: "order", signature: "a signature"),
                help: "people with the role `security`: \(names)")
        }
    }

    /// Shows the order, and adds the signature of the person whom the invocation names.
    ///
    /// - Returns: true if enough people have signed then.
    /// - Throws: exit 77 if that person's signature does not count; the file has it then.
    func sign(
        _ file: inout MemberFile, _ invocation: Invocation, _ deployment: Deployment
    ) throws(Failure) -> Bool {
        _ = try isEnough(file)
        for line in file.lines { invocation.explain(line) }
        let signer = try PersonSigner.open(invocation, deployment)
        let envelope = try signer.sign(.member, file.envelope.payload)
        for signature in envelope.signatures { file.add(signature) }
        return try isEnough(file)
    }

    /// Says who signs next.
    func printWaiting(_ file: String, _ command: String, _ invocation: Invocation) -> Exit {
        invocation.print(
            ["state": "waiting", "file": .string(file), "need": .count(need)],
            "\(TerminalEscaping.shown(file)) waits for another person: interlock cluster \(command) FILE --as EMAIL"
        )
    }
}
