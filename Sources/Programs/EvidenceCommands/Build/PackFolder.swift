import InterlockCommandLine
import InterlockCredentials
import InterlockEvidencePack
import InterlockLedger
import InterlockModel

/// Writes a pack into a folder next to its place. The manifest is its last file, and then the folder gets its name: a
/// folder `.partial` without a manifest is the rest of an interrupted build.
struct PackFolder {
    private let path: String
    private let partial: String
    /// The files that were written, in their order.
    private(set) var files: [(name: String, digest: Digest)] = []
    private var folders: [String] = []

    /// - Throws: exit 73 if the folder, or the rest of an interrupted build, exists.
    init(_ path: String) throws(Failure) {
        try OutputFile.requireFree(path)
        self.path = path
        partial = path + ".partial"
        guard !File.exists(partial) else {
            throw Failure(
                .cannotCreate, "`\(partial)` is the rest of a build that was interrupted",
                help: "remove it")
        }
    }

    /// Creates the folder; durable on return. Called once, before `add`.
    mutating func begin() throws(Failure) { try makeFolder(partial) }

    /// Writes one file, durable on return of `finish`.
    mutating func add(_ name: String, _ bytes: [UInt8]) throws(Failure) {
        guard PackFileName.isValid(name) else {
            throw Failure(
                .cannotCreate, "`\(TerminalEscaping.shown(name))` is too long for a pack",
                help: "an archive holds names of \(PackFileName.longest) bytes")
        }
        guard files.count + folders.count < PackFileName.most - 2 else {
            throw Failure(.cannotCreate, "the pack has more files than verifiers take")
        }
        try write(name, bytes)
        files.append((name, OpenSSLHashing().sha256(bytes)))
    }

    /// Writes the manifest and gives the folder its name. A crash before the rename leaves the folder `.partial`, and so
    /// does a pack that does not verify.
    ///
    /// - Parameter verify: called with the path of the whole folder, before it has its name.
    mutating func finish(
        manifest: [UInt8], verify: (String) throws(Failure) -> Void
    ) throws(Failure) {
        for folder in folders { try sync(folder + "/.") }
        try write(PackFileName.manifest, manifest)
        try sync(partial + "/.")
        try verify(partial)
        do throws(FileFailure) { try File.move(partial, to: path) } catch {
            throw Failure(.cannotCreate, error.message)
        }
        try sync(path)
    }

    /// Writes the files of a finished pack into an archive: sorted names, no times, no owners.
    func archive(to target: String) throws {
        let output = try OutputFile(target)
        for name in (files.map(\.name) + [PackFileName.manifest]).sorted() {
            let bytes: [UInt8]
            do throws(FileFailure) {
                bytes = try File.readRegular(path + "/" + name, limit: 256 << 20)
            } catch { throw Failure(.io, error.message) }
            try UstarArchive.write(name, bytes) { try output.bytes($0) }
        }
        try output.bytes(UstarArchive.end)
        try output.finish()
    }

    private mutating func write(_ name: String, _ bytes: [UInt8]) throws(Failure) {
        var folder = partial
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            if !folders.contains(folder) { try makeFolder(folder) }
        }
        do throws(FileFailure) {
            try File.write(bytes, to: partial + "/" + name, mode: 0o644)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    private mutating func makeFolder(_ folder: String) throws(Failure) {
        do throws(FileFailure) { try File.makeFolder(folder, mode: 0o755) } catch {
            throw Failure(.cannotCreate, error.message)
        }
        folders.append(folder)
    }

    private func sync(_ path: String) throws(Failure) {
        do throws(FileFailure) { try File.syncFolder(of: path) } catch {
            throw Failure(.io, error.message)
        }
    }
}
