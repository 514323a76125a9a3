import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockStore
import InterlockWitnessing

/// One run of `interlock init`. Never overwrites an existing file. After a failure the files made so far remain, and
/// the next run names the file that is in the way.
struct DeploymentSetup {
    let directory: String
    let org: String
    let node: String
    let people: [FoundingPerson]
    let configuration: Configuration
    let signOff: FoundingSignOff.Choice
    var deployment: Deployment { Deployment(directory: directory, configuration: configuration) }
    private let policyPath: String

    /// - Parameter given: nil if the command line decides.
    init(_ invocation: Invocation, signOff given: FoundingSignOff.Choice? = nil) throws(Failure) {
        let named = invocation["dir"] ?? "."
        try FileFailure.exits(.cannotCreate, try File.makeFolder(named, mode: 0o700))
        directory = try Deployment.folder(invocation)
        try FolderOwner.judge(directory)
        guard !File.exists(directory + "/" + ConfigurationFile.name),
            !File.exists(directory + "/state")
        else {
            throw Failure(.cannotCreate, "`\(directory)` holds a deployment already")
        }
        policyPath = try Self.policy(invocation, directory)
        let policy = try LoadedPolicy.loadWithLock(policyPath)
        org = invocation["org"] ?? policy.snapshot.org
        guard org == policy.snapshot.org else {
            throw Failure(
                .data, "the policy is of `\(policy.snapshot.org)`, not of `\(org)`",
                help: "--org \(policy.snapshot.org)")
        }
        node = invocation["node"] ?? "gw1"
        guard isLowerName(node) else { throw Failure(.usage, "`\(node)` is no name of a node") }
        people = try invocation.all("person").map { text throws(Failure) in try FoundingPerson(text)
        }
        guard !people.isEmpty else {
            throw Failure(
                .usage, "name at least one founding person",
                help: "--person li@acme.example=li.pub:kill,resume")
        }
        configuration = try Self.configuration(
            invocation, org: org, node: node, policy: policyPath, in: directory)
        if let given {
            signOff = given
        } else {
            signOff = try FoundingSignOff.choose(
                invocation, among: people, lock: policy.snapshot.lock,
                owners: policy.snapshot.owners)
        }
    }

    /// - Returns: the links at which the founding people enrol passkeys; empty without a console.
    func run() async throws(Failure) -> [FoundingLink] {
        if case .signs = signOff { try refuseUnservable() }
        let links = try await makeState()
        if case .signs(let signOff) = signOff { try await signOff.make(in: deployment) }
        try writeConfiguration()
        return links
    }

    /// Prints the summary of a completed run.
    func tell(_ links: [FoundingLink]) {
        Output.line("deployment of \(org) in \(directory)")
        Output.line("  people: \(people.map(\.person.address).joined(separator: ", "))")
        Output.line("  log:    \(configuration.ledger.origin)")
        tellSignOff()
        for link in links { Output.line("  passkey of \(link.person.address): \(link.url)") }
        GatewayUser.tell(of: deployment)
    }

    private func tellSignOff() {
        switch signOff {
        case .signs(let signOff):
            Output.line("  policy: signed off by \(signOff.person) alone (founding)")
        case .leavesUnsigned(let reason):
            Output.line(
                "  policy: UNSIGNED, so any program that can write it decides what agents may do: "
                    + reason)
            Output.line(
                "          sign: interlock servers pin --accept, then interlock policy diff "
                    + "\(deployment.policy) \(deployment.policy) --sign agent --dir \(directory)")
        }
    }

    /// Refuses a policy that `serve` would refuse, before any file is made.
    private func refuseUnservable() throws(Failure) {
        _ = try RevisionSource(path: policyPath).served()
    }

    /// Makes everything except the configuration. Without the configuration no command accepts the folder as a
    /// deployment.
    func makeState() async throws(Failure) -> [FoundingLink] {
        let keys: NodeKeys
        do throws(KeyFailure) {
            try StateFolder.create(deployment.state)
            keys = try NodeKeys.create(in: deployment.keys, entropy: SystemEntropy())
            try PayloadKeyring.create(in: deployment.keys, entropy: SystemEntropy())
        } catch { throw Failure(.cannotCreate, error.reason, help: error.help) }
        let trust = try trustFile(keys)
        let ledger = try LedgerSetup(deployment, keys)
        try copyPolicy()
        // A secret is refused in a folder that others can enter, and people put their first one here.
        try FileFailure.exits(
            .cannotCreate, try File.makeFolder(deployment.secrets, mode: 0o700))
        try ledger.create(policy: LoadedPolicy.loadWithLock(policyPath).snapshot.digest)
        try HaltSetup(deployment, keys, org: org).create(trust)
        try record(trust, ledger)
        let key = try ledger.verifierKey()
        do throws(FileFailure) {
            // The policy names no witness yet; each start warns until there is one.
            try File.write(Array(TrustPolicy(logs: [key]).text.utf8), to: deployment.trust.path)
        } catch { throw Failure(.cannotCreate, error.message) }
        guard let console = configuration.approvals.console else { return [] }
        return try await FoundingLink.make(for: trust, at: console, in: deployment)
    }

    func writeConfiguration() throws(Failure) {
        let path = directory + "/" + ConfigurationFile.name
        do throws(FileFailure) {
            try File.write(Array(ConfigurationFile.text(of: configuration).utf8), to: path)
            try File.syncFolder(of: path)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// Copies the reviewed policy and lock into the deployment's folder, which must contain the whole deployment.
    private func copyPolicy() throws(Failure) {
        let target = directory + "/" + configuration.policy.path
        guard policyPath != target else { return }
        guard !File.exists(target) else {
            throw Failure(
                .cannotCreate, "`\(target)` is there already",
                help: "the policy of --policy is copied there: remove it, or name it with --policy")
        }
        try FileFailure.exits(.cannotCreate, try File.copyTree(from: policyPath, to: target))
        if let lock = try LockFile.read(LockFile.path(beside: policyPath)).lock {
            try LockFile.write(lock, to: LockFile.path(beside: target))
        }
    }

    private func trustFile(_ keys: NodeKeys) throws(Failure) -> AuthorizedKeys {
        let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
        let now = SystemClock().now.wall.wholeSecond
        do throws(FormError) {
            return try AuthorizedKeys(
                org: org,
                people: people.map { person in
                    TrustedPerson(
                        person: person.person, pseudonym: pseudonyms.pseudonym(of: person.person),
                        roles: person.roles,
                        keys: [EnrolledKey(key: person.key, added: now, founding: true)])
                }, nodes: [TrustedNode(name: node, key: keys.log.publicKey)])
        } catch { throw Failure(.data, "the founding people are not fit: \(error)") }
    }

    /// Records who is enrolled with which roles, from the second record of the log on.
    private func record(_ trust: AuthorizedKeys, _ setup: LedgerSetup) throws(Failure) {
        let ledger = try setup.open(guardLost: false)
        for person in trust.people {
            for key in person.keys {
                ledger.note(
                    RecordDraft(
                        .approverEnrolled, run: nil,
                        fields: [
                            "by": .string(person.pseudonym.text), "kind": "ed25519",
                            "key": .string(key.key.base64), "founding": true,
                        ]))
            }
            guard !person.roles.isEmpty else { continue }
            ledger.note(
                RecordDraft(
                    .peopleRole, run: nil,
                    fields: [
                        "by": .string(person.pseudonym.text),
                        "roles": .array(
                            Role.allCases.filter(person.roles.contains).map { .string($0.rawValue) }
                        ),
                        "founding": true,
                    ]))
        }
        ledger.close()
    }

    private static func policy(_ invocation: Invocation, _ directory: String) throws(Failure)
        -> String
    {
        let named = invocation["policy"] ?? directory + "/policy"
        guard let path = File.realPath(named) else {
            throw Failure(.notFound, "there is no policy at `\(named)`", help: "--policy PATH")
        }
        return path
    }

    private static func configuration(
        _ invocation: Invocation, org: String, node: String, policy: String, in directory: String
    ) throws(Failure) -> Configuration {
        var configuration = Configuration()
        configuration.policy.path = policy.hasSuffix(".yaml") ? "policy.yaml" : "policy"
        if let agents = invocation["agents"] {
            configuration.listeners.agents = agents
            guard let audience = CanonicalURI("http://\(agents)/mcp") else {
                throw Failure(.usage, "`\(agents)` is no address", help: "write 127.0.0.1:7400")
            }
            configuration.listeners.audience = audience
        }
        if let people = invocation["people"] { configuration.listeners.people = people }
        if let console = invocation["console"] {
            guard let settings = ConsoleSettings(naming: console) else {
                throw Failure(
                    .usage, "`\(TerminalEscaping.shown(console))` is no address of a console",
                    help: "https and a domain name, without a path, or http://localhost:PORT")
            }
            configuration.approvals.console = settings
        }
        if let segment = invocation["segment"] {
            guard let bytes = ByteCount.parse(segment), LedgerConfiguration.isSegmentSize(bytes)
            else {
                throw Failure(
                    .usage, "`\(segment)` is no size of a segment",
                    help: "whole pages, at least 1 MiB of them: --segment 16MiB")
            }
            configuration.ledger.segmentSize = bytes
        }
        let year = SystemClock().now.wall.day.year
        configuration.ledger.origin = invocation["origin"] ?? "\(org)/\(node)/\(year)"
        guard
            configuration.ledger.origin.utf8.allSatisfy({
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+")
            })
        else { throw Failure(.usage, "the origin has no spaces, no `+` and only ASCII") }
        return configuration
    }
}

/// `EMAIL=KEYFILE[:ROLE,ROLE]`
struct FoundingPerson {
    let person: Person
    let key: PublicKey
    let roles: Set<Role>

    init(_ text: String) throws(Failure) {
        guard let equals = text.firstIndex(of: "="), let person = Person(String(text[..<equals]))
        else {
            throw Failure(.usage, "`\(text)` is not EMAIL=KEYFILE[:ROLES]")
        }
        var path = String(text[text.index(after: equals)...])
        var roles: Set<Role> = []
        if let colon = path.lastIndex(of: ":"), !File.exists(path) {
            for name in path[path.index(after: colon)...].split(separator: ",") {
                roles.insert(try Role.named(String(name)))
            }
            path = String(path[..<colon])
        }
        self.person = person
        self.roles = roles
        key = try PublicKeyFile.read(path)
    }
}
