import CLinux
import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyCommands
import InterlockYAML

/// The folder of one suite, `suites/AGENT` in the folder that has the policy (docs/specs/evals.md, section 2).
struct SuiteFolder: Sendable {
    let agent: AgentName
    /// The path as shown in messages.
    let path: String

    /// A suite as read, with the digest of its files.
    struct Contents: Sendable {
        let suite: Suite
        /// The fixtures that its agent cases name. Their errors are those of lint.
        let worlds: SuiteWorlds
        /// SHA-256 of the RFC 8785 form of the sorted list of `{"path", "sha256"}` of all files that shape a run.
        let digest: Digest
    }

    /// The largest `suite.yaml`, in bytes.
    private static let mostSuiteBytes = 1 << 20
    /// The most bytes of all files together.
    private static let mostBytes = 512 << 20
    /// The most bytes of the fixtures that cases name, all of which are held while the suite is.
    private static let mostFixtureBytes = 32 << 20
    private static let deepest = 8

    /// The files of a suite as they are read.
    private struct Files {
        struct One {
            let path: String
            let digest: Digest
            /// Is empty for a fixture that is no YAML file.
            let bytes: [UInt8]
        }

        var all: [One] = []
        var size = 0
    }

    /// The folder of all suites, in the folder that has the policy at `path`.
    static func root(beside path: String) -> String {
        String(LockFile.path(beside: path).dropLast(PolicyLock.fileName.utf8.count)) + "suites"
    }

    init(_ agent: AgentName, in root: String) {
        self.agent = agent
        path = root + "/" + agent.text
    }

    var results: String { path + "/results" }
    /// The runs of other eval tools, which are no part of the suite.
    var imports: String { path + "/imports" }

    /// The list of what shapes the agent, which is not part of the digest of the suite: it changes the fingerprint.
    private static let fingerprintName = "fingerprint.yaml"

    /// The files of the agent's own list; nil if the suite has none. Its paths are below the folder of `suites`.
    ///
    /// - Throws: exit 65 if the list cannot be read or is invalid.
    func fingerprint() throws(Failure) -> FingerprintFiles? {
        let list = path + "/" + Self.fingerprintName
        guard File.exists(list) else { return nil }
        let project = path.dropLast("suites/\(agent)".utf8.count)
        return try FingerprintFiles(list, below: String(project))
    }

    var exists: Bool { File.exists(path + "/suite.yaml") }

    /// The suites of a folder, by agent; none if there is no folder.
    ///
    /// - Throws: exit 65 for a name that is no agent's, or for something that is no folder.
    static func all(in root: String) throws(Failure) -> [SuiteFolder] {
        guard File.exists(root) else { return [] }
        return try names(in: root).map { (name) throws(Failure) -> SuiteFolder in
            guard let agent = AgentName(name), try kind(of: root + "/" + name) == S_IFDIR else {
                throw outOfPlace(root + "/" + name)
            }
            return SuiteFolder(agent, in: root)
        }
    }

    /// Reads the suite. The findings of its files are the message.
    ///
    /// - Throws: exit 65 if a file cannot be read, has no place or has an error.
    func read() throws(Failure) -> Contents {
        guard try Self.kind(of: path) == S_IFDIR else { throw Self.outOfPlace(path) }
        var files = Files()
        for name in try Self.names(in: path) {
            let kind = try Self.kind(of: path + "/" + name)
            switch (name, kind) {
            case ("suite.yaml", S_IFREG):
                try add(name, limit: Self.mostSuiteBytes, isText: true, to: &files)
            case ("cases", S_IFDIR):
                try readFolder(
                    name, limit: EvalLimits.caseBytes + 1, depth: 1, isText: true, to: &files
                ) { $0.hasSuffix(".yaml") && $0 != ".yaml" }
            case ("fixtures", S_IFDIR):
                try readFolder(
                    name, limit: EvalLimits.fixtureBytes, depth: Self.deepest, isText: false,
                    to: &files
                ) { _ in true }
            case ("results", S_IFDIR), ("imports", S_IFDIR): continue
            case (Self.fingerprintName, S_IFREG): continue
            default: throw Self.outOfPlace(path + "/" + name)
            }
        }
        guard let suite = files.all.first(where: { $0.path == "suite.yaml" }) else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))` has no `suite.yaml`",
                help: "interlock eval run \(agent) --starter")
        }
        let cases = files.all.filter { $0.path.hasPrefix("cases/") }
        let reading = SuiteReader.read(file(suite), cases: cases.map { file($0) })
        guard let read = reading.suite else {
            throw Failure(
                .data,
                "the suite is invalid\n" + reading.findings.map(\.text).joined(separator: "\n"))
        }
        guard read.agent == agent else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))/suite.yaml` is of agent `\(read.agent)`",
                help: "the folder has the name of the agent")
        }
        return Contents(
            suite: read, worlds: try worlds(of: read, files), digest: try Self.digest(of: files.all)
        )
    }

    private func worlds(of suite: Suite, _ files: Files) throws(Failure) -> SuiteWorlds {
        var named: Set<ExactText> = []
        for one in suite.cases {
            if case .agent(let agent) = one.body { named.insert(agent.world) }
        }
        let fixtures = files.all.filter { named.contains($0.path) }
        guard fixtures.reduce(0, { $0 + $1.bytes.count }) <= Self.mostFixtureBytes else {
            throw Failure(
                .data,
                "the fixtures that cases of `\(agent)` name have more than 32 MiB together",
                help: "let several cases share a fixture, or shorten what its tools answer")
        }
        // One tree of YAML at a time: it takes many times the bytes of its file.
        let read = fixtures.lazy.map { one in
            (path: one.path, file: SuiteReader.parsed(file(one)))
        }
        return SuiteWorlds(read, patterns: RE2Compiler())
    }

    /// The file by its path as shown in messages.
    private func file(_ one: Files.One) -> SuiteReader.File {
        SuiteReader.File(path: path + "/" + one.path, bytes: one.bytes)
    }

    private static func digest(of files: [Files.One]) throws(Failure) -> Digest {
        let hashing = OpenSSLHashing()
        let listed = files.sorted { ExactText($0.path) < ExactText($1.path) }
            .map { file -> JSONValue in
                ["path": .string(file.path), "sha256": .string(file.digest.prefixed)]
            }
        do throws(JSONError) {
            return hashing.sha256(try JSONValue.array(listed).canonical())
        } catch { throw Failure(.internalError, "the files of the suite cannot be listed") }
    }

    private func readFolder(
        _ folder: String, limit: Int, depth: Int, isText: Bool, to files: inout Files,
        _ isPlaced: (String) -> Bool
    ) throws(Failure) {
        for name in try Self.names(in: path + "/" + folder) {
            let inside = folder + "/" + name
            let kind = try Self.kind(of: path + "/" + inside)
            if kind == S_IFREG, isPlaced(name) {
                try add(
                    inside, limit: limit, isText: isText || name.hasSuffix(".yaml"), to: &files)
            } else if kind == S_IFDIR, depth > 1 {
                try readFolder(
                    inside, limit: limit, depth: depth - 1, isText: isText, to: &files, isPlaced)
            } else {
                throw Self.outOfPlace(path + "/" + inside)
            }
        }
    }

    /// Reads one file. The bytes of fixtures other than worlds are not kept: their digest is all that is needed of them.
    private func add(
        _ name: String, limit: Int, isText: Bool, to files: inout Files
    ) throws(Failure) {
        guard files.all.count <= 2 * EvalLimits.cases else {
            throw Failure(.data, "`\(TerminalEscaping.shown(path))` has too many files")
        }
        let bytes = try FileFailure.exits(
            .data, try File.readRegular(path + "/" + name, limit: limit, followsLink: false))
        files.size += bytes.count
        guard files.size <= Self.mostBytes else {
            throw Failure(.data, "`\(TerminalEscaping.shown(path))` has more than 512 MiB")
        }
        files.all.append(
            Files.One(
                path: name, digest: OpenSSLHashing().sha256(bytes), bytes: isText ? bytes : []))
    }

    /// The names in a folder, sorted, without hidden files and `README.md`, as for policies.
    private static func names(in folder: String) throws(Failure) -> [String] {
        try FileFailure.exits(.data, try File.names(in: folder))
            .filter { !$0.hasPrefix(".") && $0 != "README.md" }
    }

    private static func kind(of path: String) throws(Failure) -> mode_t {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw Failure(.data, FileFailure("read", path).message)
        }
        return status.st_mode & S_IFMT
    }

    private static func outOfPlace(_ path: String) -> Failure {
        Failure(
            .data, "`\(TerminalEscaping.shown(path))` has no place among suites",
            help: "a suite is `suites/AGENT` with `suite.yaml`, `cases/*.yaml` and `fixtures`")
    }
}
