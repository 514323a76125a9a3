import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

/// Reads the files that a list of what shapes an agent names, and makes digests of them.
struct FingerprintFiles {
    let manifest: FingerprintManifest
    /// The folder of the paths, with a slash at its end, or nothing.
    private let folder: String
    private let hashing = OpenSSLHashing()

    private static let mostFileBytes = 16 << 20
    private static let mostFiles = 10_000
    private static let deepest = 32

    /// - Parameter folder: the folder of the paths, with a slash at its end; nil for that of the file.
    /// - Throws: exit 65 if the file cannot be read or is invalid.
    init(_ path: String, below folder: String? = nil) throws(Failure) {
        let bytes = try FileFailure.exits(
            .data, try File.readRegular(path, limit: FingerprintManifest.largest))
        let (manifest, findings) = FingerprintManifest.read(
            SuiteReader.parsed(SuiteReader.File(path: path, bytes: bytes)))
        guard let manifest else {
            throw Failure(
                .data, "the fingerprint is invalid\n" + findings.map(\.text).joined(separator: "\n")
            )
        }
        self.manifest = manifest
        self.folder = folder ?? path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// - Throws: exit 65 if a file cannot be read, or a skill has a symbolic link or something that is no file.
    func sources() throws(Failure) -> FingerprintSources {
        var prompt: [FingerprintFile] = []
        for path in manifest.prompt {
            prompt.append(FingerprintFile(path: path, digest: try digest(of: folder + path)))
        }
        var skills: [FingerprintFile] = []
        for skill in manifest.skills {
            var files: [SkillFile] = []
            try read(folder + skill.path, below: "", depth: Self.deepest, to: &files)
            skills.append(
                FingerprintFile(
                    path: skill.name,
                    digest: SkillFile.treeDigest(of: files, hashing: hashing)))
        }
        var models: [FingerprintModel] = []
        for model in manifest.models {
            models.append(
                FingerprintModel(
                    provider: model.provider, id: model.id,
                    parameters: try digest(of: model.parameters)))
        }
        return FingerprintSources(prompt: prompt, skills: skills, models: models)
    }

    private func read(
        _ path: String, below prefix: String, depth: Int, to files: inout [SkillFile]
    ) throws(Failure) {
        guard depth > 0, files.count < Self.mostFiles else {
            throw Failure(.data, "`\(TerminalEscaping.shown(path))` has too many files")
        }
        guard try Self.status(of: path).st_mode & S_IFMT == S_IFDIR else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))` is no folder: a skill has no links")
        }
        for name in try FileFailure.exits(.data, try File.names(in: path)) {
            let inside = path + "/" + name
            let status = try Self.status(of: inside)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try read(inside, below: prefix + name + "/", depth: depth - 1, to: &files)
            case S_IFREG:
                files.append(
                    SkillFile(
                        path: Array((prefix + name).utf8),
                        isExecutable: status.st_mode & 0o111 != 0,
                        digest: try digest(of: inside)))
            default:
                throw Failure(
                    .data, "`\(TerminalEscaping.shown(inside))` is no file: a skill has no links")
            }
        }
    }

    /// The status of the entry itself, which may be a link.
    private static func status(of path: String) throws(Failure) -> stat {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw Failure(.data, FileFailure("read", path).message)
        }
        return status
    }

    private func digest(of path: String) throws(Failure) -> Digest {
        hashing.sha256(
            try FileFailure.exits(
                .data, try File.readRegular(path, limit: Self.mostFileBytes, followsLink: false)))
    }

    private func digest(of value: JSONValue) throws(Failure) -> Digest {
        do throws(JSONError) { return hashing.sha256(try value.canonical()) } catch {
            throw Failure(.data, "the parameters of a model have no canonical form: \(error)")
        }
    }
}
