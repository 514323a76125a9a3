import CLinux
import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

/// Reads the files that a list of what shapes an agent names, and makes digests of them. Each path is opened from the
/// folder by openat2, so that no link in any component leads to another file than the list names.
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
            prompt.append(FingerprintFile(path: path, digest: try digest(of: path)))
        }
        var skills: [FingerprintFile] = []
        for skill in manifest.skills {
            var files: [SkillFile] = []
            try read(skill.path, below: "", depth: Self.deepest, to: &files)
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
        let folder = try opened(path)
        defer { close(folder) }
        guard try status(of: folder, path).st_mode & S_IFMT == S_IFDIR else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))` is no folder: a skill has no links")
        }
        let names = try FileFailure.exits(.data, try File.names(in: Self.place(of: folder)))
        for name in names {
            let inside = path + "/" + name
            let entry = try opened(inside)
            defer { close(entry) }
            let status = try self.status(of: entry, inside)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try read(inside, below: prefix + name + "/", depth: depth - 1, to: &files)
            case S_IFREG:
                files.append(
                    SkillFile(
                        path: Array((prefix + name).utf8),
                        isExecutable: status.st_mode & 0o111 != 0,
                        digest: try digest(of: entry, inside)))
            default:
                throw Failure(
                    .data, "`\(TerminalEscaping.shown(inside))` is no file: a skill has no links")
            }
        }
    }

    /// Opens a path below the folder without acting on what is there. The caller closes the descriptor.
    private func opened(_ path: String) throws(Failure) -> Int32 {
        let base = folder.isEmpty ? "." : folder
        let root = unsafe open(base, File.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw Failure(.data, FileFailure("open", base).message) }
        defer { close(root) }
        let found = unsafe interlock_open_beneath(root, path, File.pathOnly, 0)
        guard found >= 0 else {
            guard errno != ELOOP else {
                throw Failure(
                    .data,
                    "`\(TerminalEscaping.shown(path))` leads through a link: a prompt or a skill has no links"
                )
            }
            throw Failure(.data, FileFailure("open", path).message)
        }
        return found
    }

    private func status(of descriptor: Int32, _ path: String) throws(Failure) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Failure(.data, FileFailure("read", path).message)
        }
        return status
    }

    /// The path by which the kernel opens what a descriptor refers to, whatever has its name now.
    private static func place(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    private func digest(of path: String) throws(Failure) -> Digest {
        let file = try opened(path)
        defer { close(file) }
        return try digest(of: file, path)
    }

    private func digest(of descriptor: Int32, _ path: String) throws(Failure) -> Digest {
        guard try status(of: descriptor, path).st_mode & S_IFMT == S_IFREG else {
            throw Failure(.data, "`\(TerminalEscaping.shown(path))` is no file")
        }
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(Self.place(of: descriptor), limit: Self.mostFileBytes)
        } catch {
            throw Failure(
                .data, "cannot read `\(TerminalEscaping.shown(path))`: \(error.message)")
        }
        return hashing.sha256(bytes)
    }

    private func digest(of value: JSONValue) throws(Failure) -> Digest {
        do throws(JSONError) { return hashing.sha256(try value.canonical()) } catch {
            throw Failure(.data, "the parameters of a model have no canonical form: \(error)")
        }
    }
}
