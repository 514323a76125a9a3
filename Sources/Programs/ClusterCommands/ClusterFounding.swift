import InterlockCluster
import InterlockClusterStore
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockPolicyCommands
import InterlockPolicyReview

/// The founding of a cluster from a deployment whose gateway is stopped.
struct ClusterFounding {
    private let invocation: Invocation
    private let deployment: Deployment
    private let database: ClusterDatabase
    private let control: ControlFolder
    private let identity: NodeIdentity
    private let signers: MemberSigners

    init(_ invocation: Invocation, _ deployment: Deployment) throws(Failure) {
        self.invocation = invocation
        self.deployment = deployment
        if !invocation.positional.isEmpty {
            try invocation.refuse(["reason", "standby", "out"], with: "FILE")
        }
        database = try ClusterDatabase(invocation, user: "il_migrate")
        control = ControlFolder(deployment)
        if control.isMember {
            let digest = try control.membership().genesis.prefixed
            throw Failure(
                .cannotCreate, "`\(deployment.directory)` is a member of the cluster \(digest)")
        }
        identity = try NodeIdentity(deployment)
        signers = MemberSigners(
            people: SignedOrderVerifier(
                trust: try PersonSigner.trustFile(of: deployment), verifier: OpenSSLVerifier()))
    }

    /// Does the next step. No gateway runs on the deployment meanwhile.
    func run() throws(Failure) -> Exit {
        let connection = try database.connect()
        try requireSteps(connection)
        if let body = try control.founding() { return try found(body, connection) }
        try requireEmpty(connection)
        let path = invocation.positional.first
        var file = if let path { try MemberFile.read(path) } else { try proposal() }
        let genesis = try content(of: file)
        guard try signers.sign(&file, invocation, deployment) else {
            let target = path ?? invocation["out"] ?? "founding.json"
            if path == nil { try OutputFile.requireFree(target) }
            try file.write(to: target)
            return signers.printWaiting(target, "init", invocation)
        }
        let whole = Genesis(
            people: genesis.people, node: genesis.node, revision: genesis.revision,
            hasStandby: genesis.hasStandby, order: file.envelope)
        let draft = try identity.draft(
            .genesis(whole), org: genesis.people.org, at: SystemClock().wall)
        _ = try state(draft.body)
        try control.keep(founding: draft.body)
        // If the process dies from here on, a repeated command sends the same bytes, which the store takes once.
        return try found(draft.body, connection)
    }

    private func requireSteps(_ connection: StoreConnection) throws(Failure) {
        let steps = ClusterSchema.steps(hashing: OpenSSLHashing())
        do throws(MigrationFailure) {
            let missing = try SchemaMigration(connection, steps).missing()
            guard missing.isEmpty else {
                throw .store(.refused(code: "3F000", reason: "\(missing.count) steps are missing"))
            }
        } catch { throw database.failure(error) }
    }

    private func requireEmpty(_ connection: StoreConnection) throws(Failure) {
        let head: Int64?
        do throws(StatusFailure) { head = try connection.status().head } catch {
            switch error {
            case .store(let failure): throw database.failure(failure)
            case .unreadable(let fault): throw Failure(.data, database.message("\(fault)"))
            }
        }
        guard head == nil else {
            throw Failure(
                .no, database.message("the chain has entries: it is that of a cluster"),
                help: "interlock cluster join joins it")
        }
    }

    /// The order that the first person signs.
    private func proposal() throws(Failure) -> MemberFile {
        let reason = try invocation.require("reason")
        let standby: Standby = try Invocation.choice(
            invocation["standby"] ?? Standby.required.rawValue, "standby")
        let genesis = try genesis(hasStandby: standby == .required)
        let authors = try signers.authors()
        let order = try MemberFile.made { () throws(FormError) in
            let digest = try genesis.digest(hashing: OpenSSLHashing())
            return try MemberOrder(
                id: newOrderID(at: signers.now), org: genesis.people.org,
                change: .found(identity.keys, genesis: digest, hasStandby: genesis.hasStandby),
                reason: reason, authors: authors)
        }
        return try identity.prove(.order(order))
    }

    /// The content of the first entry that the order names.
    ///
    /// - Throws: exit 65 if the order is of another deployment, or of this one before a change.
    private func content(of file: MemberFile) throws(Failure) -> Genesis {
        guard case .order(let order) = file.statement,
            case .found(let keys, let digest, let hasStandby) = order.change
        else { throw Failure(.data, "the file has no order that founds a cluster") }
        let genesis = try genesis(hasStandby: hasStandby)
        guard keys == identity.keys, sameBytes(order.org, genesis.people.org),
            digest == (try? genesis.digest(hashing: OpenSSLHashing()))
        else {
            throw Failure(
                .data,
                "the order is of another deployment, or people, keys or policy changed since",
                help: "begin again: interlock cluster init without FILE")
        }
        return genesis
    }

    private func genesis(hasStandby: Bool) throws(Failure) -> Genesis {
        Genesis(
            people: signers.people.trust, node: identity.keys, revision: try revision(),
            hasStandby: hasStandby)
    }

    /// The revision that was signed off; nil if none was.
    private func revision() throws(Failure) -> Digest? {
        let source = RevisionSource(path: deployment.policy)
        guard File.exists(source.signOffPath) else { return nil }
        let identity = try source.served().1.identity
        let bytes = try FileFailure.exits(
            .io, try File.readRegular(source.signOffPath, limit: SignOff.bytesLimit))
        guard let signed = try? SignOff(parsing: bytes), signed.identity == identity else {
            throw Failure(
                .data, "the policy in `\(deployment.policy)` is not the one that was signed off",
                help: "sign it off, or restore the signed files")
        }
        return identity.whole(OpenSSLHashing())
    }

    /// The state after the first entry, which must verify as other nodes verify it.
    private func state(_ body: [UInt8]) throws(Failure) -> (state: ChainState, row: StoredEntry) {
        let row = StoredEntry(
            number: 0, previous: ChainEntry.origin,
            digest: ChainEntry.digest(
                after: ChainEntry.origin, body: body, hashing: OpenSSLHashing()),
            kind: EntryKind.genesis.text, subject: Genesis.subject, body: body,
            node: identity.name.text)
        do throws(EntryRejection) {
            let entry = try ChainEntry(row, after: nil, hashing: OpenSSLHashing())
            return (
                try ChainState(
                    first: entry, genesis: entry.digest, verifier: VerifiedChain.verifier), row
            )
        } catch { throw Failure(.data, "the first entry does not verify: \(error)") }
    }

    private func found(_ body: [UInt8], _ connection: StoreConnection) throws(Failure) -> Exit {
        let (state, row) = try state(body)
        do throws(StoreCallFailure) {
            _ = try connection.run(
                "SELECT il_v\(ClusterSchema.version).found($1, $2, $3)",
                [
                    .text(identity.name.text), .bytes(body),
                    .text((state.hasStandby ? Standby.required : .absent).rawValue),
                ])
        } catch {
            // The store has not taken it, so that another order may follow.
            if error.isDefinite { try control.removeFounding() }
            throw database.failure(error)
        }
        do throws(KeyFailure) {
            try StoreKeyFile.make(in: deployment.keys, entropy: SystemEntropy())
        } catch { throw Failure(error) }
        try control.write(state, [row], node: identity.name)
        try control.removeFounding()
        return invocation.print(
            [
                "state": "founded", "node": .string(identity.name.text),
                "genesis": .string(state.genesis.prefixed),
            ],
            "\(identity.name) has founded the cluster \(state.genesis.prefixed)\n"
                + "new nodes are given this digest by hand: interlock cluster join --genesis DIGEST\n"
                + "and these keys, mode 0400: \(deployment.keys)/pseudonym.key and \(StoreKeyFile.fileName)"
        )
    }
}

/// The choice that each commit of the store is on a second machine, or not.
private enum Standby: String, CaseIterable {
    case required
    case absent = "none"
}

extension StoreCallFailure {
    /// True if the store has certainly not done what was asked for.
    fileprivate var isDefinite: Bool {
        switch self {
        case .unknown: false
        case .expelled, .noStandby, .closed, .notCompared, .busy, .refused: true
        }
    }
}
