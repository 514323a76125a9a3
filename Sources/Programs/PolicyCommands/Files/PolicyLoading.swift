package import InterlockCommandLine
import InterlockCredentials
package import InterlockModel
import InterlockPatterns
package import InterlockPolicy
import InterlockYAML
import InterlockZones

/// A policy that was read, checked and compiled.
package struct LoadedPolicy: Sendable {
    package let document: PolicyDocument
    package let snapshot: PolicySnapshot
    package var findings: [Finding] { snapshot.findings }

    /// - Parameters:
    ///   - isServed: whether to refuse what this version can read but does not enforce.
    ///   - bundle: the digest of the files that were read; nil if they are not archived.
    ///   - templates: nil if no reviews are shown.
    package init(
        _ reading: ParsedPolicy, lock: LockUse, at now: Timestamp, isServed: Bool = false,
        bundle: Digest? = nil, templates: TemplateFiles? = nil
    ) throws(PolicyRefusal) {
        guard let document = reading.document else {
            throw PolicyRefusal(findings: reading.findings.reported)
        }
        let shown = templates?.read(for: document)
        var refused = shown?.findings.filter { $0.code.grade == .error } ?? []
        if isServed {
            refused += Enforcement.unsupported(document)
        }
        guard refused.isEmpty else { throw PolicyRefusal(findings: refused) }
        self.document = document
        snapshot = try PolicySnapshot(
            compiling: document, lock: lock, with: .system, at: now, hashing: OpenSSLHashing(),
            bundle: bundle, templates: shown?.templates ?? .none)
    }

    /// Reads the policy as of now, with the lock of its folder.
    package static func loadWithLock(_ path: String) throws(Failure) -> LoadedPolicy {
        try load(
            path, lock: LockFile.read(LockFile.path(beside: path)), at: SystemClock().now.wall)
    }

    /// - Throws: exit 65 with the findings if the policy does not compile, 66 if there is no policy.
    package static func load(
        _ path: String, lock: LockUse, at now: Timestamp
    ) throws(Failure) -> LoadedPolicy {
        let reading = try read(path)
        do throws(PolicyRefusal) { return try LoadedPolicy(reading, lock: lock, at: now) } catch {
            throw Failure(.data, findings: error.findings)
        }
    }

    package static func read(_ path: String) throws(Failure) -> ParsedPolicy {
        do throws(PolicyFolderError) { return try PolicyReader.read(path) } catch {
            throw Failure(
                .notFound, "\(error)",
                help: "name the policy with `--policy`, or its deployment with `--dir`")
        }
    }
}

extension PolicySnapshot {
    /// The servers that are not offered, each with the reason; reported at start.
    package var notOffered: [(server: ServerName, reason: String)] {
        servers.values.sorted { $0.name < $1.name }.compactMap { server in
            if server.connect == nil { return (server.name, "it has no `connect`") }
            return lockRefusal(of: server.name).map { (server.name, $0.description) }
        }
    }
}

extension Failure {
    /// The findings in text form, `file:line:col code message`, one per line.
    package init(_ exit: Exit, findings: [Finding]) {
        let lines = findings.map(\.text)
        self.init(
            exit,
            lines.isEmpty
                ? "the policy cannot be compiled"
                : "the policy is refused\n" + lines.joined(separator: "\n"))
    }
}

extension PolicyEngines {
    /// RE2, the machine's tz database, which is read once for all policies, and one thread per processor.
    package static let system = PolicyEngines(
        patterns: RE2Compiler(), zones: SystemZones(), workers: OneThreadPerProcessor())
}
