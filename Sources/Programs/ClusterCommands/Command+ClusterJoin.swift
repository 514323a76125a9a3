import InterlockCluster
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    package static let clusterJoin = Command(
        "cluster join", "make a new node's keys, and ask for its admission",
        example:
            "interlock cluster join --genesis sha256:9f2c... --reason 'A third node' --out gw3.json",
        options: [
            .directory, ClusterDatabase.option,
            Option("--genesis DIGEST", "the first entry, as `interlock cluster init` printed it")
                .required,
            Option("--out FILE", "the request for people to sign [default: NODE.json]"),
            Option("--permit FILE", "a permit that people have signed ahead"),
            .reason, .json,
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
        notes: """
            Reads the chain with the login of the new node and verifies it from the given entry on. Each key signs the \
            request, which counts for seven days: two people sign it on a member, with `interlock cluster admit`. Call it \
            again then: it keeps the verified chain and the people. Without the digest of the first entry a database could \
            show any cluster.
            """
    ) { invocation in
        try await JoiningNode(invocation).join()
    }
}

/// A new node on its own machine.
private struct JoiningNode {
    private let invocation: Invocation
    private let deployment: Deployment
    private let database: ClusterDatabase
    private let control: ControlFolder
    private let genesis: Digest
    private let name: NodeName

    /// The time for which a request counts.
    private static let life = Duration.seconds(7 * 86_400)

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        deployment = try Deployment.open(invocation)
        if invocation.has("permit") { try invocation.refuse(["reason"], with: "`--permit`") }
        genesis = try Invocation.parsed(
            try invocation.require("genesis"), "no digest", help: "write sha256: and 64 digits",
            .usage
        ) { Digest(prefixed: $0) }
        control = ControlFolder(deployment)
        name = try NodeIdentity.name(in: deployment)
        database = try ClusterDatabase(invocation)
        guard control.isMember || !File.exists(deployment.ledger) else {
            throw Failure(
                .cannotCreate,
                "`\(deployment.directory)` has a log, and is a deployment of its own",
                help: "a new node begins in a folder with nothing but interlock.yaml and the policy"
            )
        }
    }

    func join() async throws(Failure) -> Exit {
        let chain = try await database.withStore(of: name) { store async throws(Failure) in
            try await VerifiedChain.read(store, genesis: genesis, at: database)
        }
        guard chain.genesis.order != nil else {
            throw Failure(.data, database.message("no people have signed the first entry"))
        }
        let found = chain.state.members[name]
        if control.isMember, try control.membership().genesis != genesis {
            throw Failure(.cannotCreate, "this node is a member of another cluster")
        }
        // Keys are made only for a name that is free, or that this node has asked for.
        guard found == nil || File.exists(deployment.keys) else { throw taken }
        try makeKeys()
        let identity = try NodeIdentity(deployment)
        guard let member = found else { return try request(identity, chain) }
        guard member.keys == identity.keys else { throw taken }
        guard member.status == .admitted else {
            throw Failure(.no, "`\(name)` was retired, and its name and keys are not used again")
        }
        return try keep(identity, chain)
    }

    private var taken: Failure {
        Failure(
            .no, "the name `\(name)` is that of another member",
            help: "write another `cluster.node`, and a login of that name at the database")
    }

    private func makeKeys() throws(Failure) {
        guard !File.exists(deployment.keys) else { return }
        do throws(KeyFailure) {
            try StateFolder.create(deployment.state)
            _ = try NodeKeys.create(in: deployment.keys, entropy: SystemEntropy())
        } catch { throw Failure(.cannotCreate, error.reason, help: error.help) }
    }

    private func request(
        _ identity: NodeIdentity, _ chain: VerifiedChain
    ) throws(Failure) -> Exit {
        let target = invocation["out"] ?? "\(name).json"
        try OutputFile.requireFree(target)
        let now = SystemClock().wall
        let file: MemberFile
        if let path = invocation["permit"] {
            let permit = try MemberPermit(path, chain, at: now)
            file = try identity.prove(
                .claim(
                    MemberClaim(
                        org: chain.state.org, permit: permit.digest, keys: identity.keys),
                    permit: permit.envelope), signedBy: permit.key)
        } else {
            let signers = chain.signers
            let until = (now + Self.life).wholeSecond
            let reason = try invocation.require("reason")
            let authors = try signers.authors()
            let order = try MemberFile.made { () throws(FormError) in
                try MemberOrder(
                    id: newOrderID(at: now), org: chain.state.org,
                    change: .admit(identity.keys, until: until), reason: reason, authors: authors)
            }
            file = try identity.prove(.order(order))
        }
        try file.write(to: target)
        for line in file.lines { invocation.explain(line) }
        return invocation.print(
            ["state": "requested", "node": .string(name.text), "file": .string(target)],
            "request of \(name): \(TerminalEscaping.shown(target))\n"
                + "on a member: interlock cluster admit FILE --as EMAIL; then call this command again"
        )
    }

    /// Keeps what a start needs to verify the rest by itself: the first entry's digest, the chain, and the people.
    private func keep(_ identity: NodeIdentity, _ chain: VerifiedChain) throws(Failure) -> Exit {
        if !File.exists(deployment.trustFile) {
            let folder = HaltFolder(
                path: deployment.kill, org: chain.state.org, node: name.text, key: identity.halts)
            try KeyFailure.exits(.cannotCreate, try folder.create(trust: chain.state.people))
        }
        try control.write(chain.state, chain.rows, node: name)
        return invocation.print(
            [
                "state": "member", "node": .string(name.text),
                "genesis": .string(genesis.prefixed), "head": .integer(chain.state.head.number),
            ], "\(name) is a member; the chain is verified up to entry \(chain.state.head.number)")
    }
}
