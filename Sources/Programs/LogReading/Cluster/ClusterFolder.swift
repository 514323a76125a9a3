import InterlockCluster
import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

/// The folder of a cluster's evidence: `logs/<origin>/`, each the folder of a log or a ledger folder, `control.chain`, and
/// the sources of policies as `policies/<digest>.bundle`.
struct ClusterFolder {
    let path: String
    /// The logs by origin, sorted.
    let logs: [(origin: String, folder: String)]

    /// An origin has at most this many parts.
    private static let depth = 8

    /// - Throws: exit 66 if there is no folder, or no log in it.
    init(_ path: String) throws(Failure) {
        guard let real = File.realPath(path) else {
            throw Failure(.notFound, "there is no folder `\(path)`")
        }
        self.path = real
        logs = try Self.logs(below: real + "/logs", named: "", depth: Self.depth)
        guard !logs.isEmpty else { throw Failure(.notFound, "`\(path)/logs` has no log") }
    }

    private static func logs(
        below folder: String, named name: String, depth: Int
    ) throws(Failure) -> [(origin: String, folder: String)] {
        if ["/checkpoint", "/log/checkpoint"].contains(where: { File.exists(folder + $0) }) {
            return [(name, folder)]
        }
        guard depth > 0 else { return [] }
        var found: [(origin: String, folder: String)] = []
        for part in (try? File.names(in: folder)) ?? [] {
            found += try logs(
                below: folder + "/" + part, named: name.isEmpty ? part : name + "/" + part,
                depth: depth - 1)
        }
        return found
    }

    /// The rows of the chain. Nothing of them is verified.
    ///
    /// - Throws: exit 66 if there is no chain, 65 if the file has another form.
    func chain() throws(Failure) -> [StoredEntry] {
        let file = path + "/control.chain"
        let bytes = try File.evidence(file, limit: ControlChainFile.maximumBytes)
        do throws(FormError) { return try ControlChainFile.entries(parsing: bytes) } catch {
            throw Failure(.data, "`\(file)`: \(error)")
        }
    }

    /// The policies of the revisions whose sign-off is in the chain, as far as their sources are there.
    func policies(of rows: [StoredEntry]) -> [Digest: PolicySnapshot] {
        var wanted: [Digest: Digest] = [:]
        for row in rows where row.kind == WideningKind.revision.rawValue {
            guard let signOff = Self.signOff(in: row),
                let revision = signOff.identity.whole(OpenSSLHashing())
            else { continue }
            wanted[revision] = signOff.identity.digest
        }
        guard !wanted.isEmpty else { return [:] }
        let folder = path + "/policies"
        let now = SystemClock().now.wall
        var found: [Digest: PolicySnapshot] = [:]
        for name in (try? File.names(in: folder)) ?? [] where name.hasSuffix(".bundle") {
            guard
                let bundle = try? File.readRegular(
                    "\(folder)/\(name)", limit: PolicyBundle.largestBytes),
                let policy = ArchivedPolicy.compiled(bundle, at: now), found[policy.digest] == nil
            else { continue }
            found[policy.digest] = policy
        }
        return wanted.compactMapValues { found[$0] }
    }

    private static func signOff(in row: StoredEntry) -> SignOff? {
        guard let body = row.body,
            let envelope = try? Envelope(parsing: body, payloadLimit: EntryLimits.body),
            let statement = try? ControlStatement(parsing: envelope.payload),
            case .widening(.revision, let statements) = statement.content
        else { return nil }
        return try? SignOff(statement: statements.envelopes[0].payload)
    }
}
