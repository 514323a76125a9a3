import Glibc

/// The files of an evidence pack: a folder, or an archive of the form of docs/auditing.md, section 9. Every name is
/// checked before any content is read, and every content is compared with the manifest each time that it is read.
struct PackFiles {
    private enum Source {
        case folder(String)
        case archive(TarFile, [String: TarFile.Entry])
    }

    private let source: Source
    /// The names in ascending order of their bytes.
    let names: [String]
    private let known: Set<String>
    /// The digests of the manifest, by name; empty until its signature was verified.
    var digests: [String: Digest] = [:]

    static let manifest = "manifest.dsse.json"
    /// The most files and folders.
    static let maximumFiles = 1 << 17
    static let maximumName = 99
    static let maximumBytes = 256 << 20
    static let maximumTotal = 4 << 30

    init(_ path: String) throws(Refusal) {
        if Files.isFolder(path) {
            names = try PackFiles.names(under: path).sorted()
            source = .folder(path)
        } else {
            let archive: TarFile
            do throws(Refusal) { archive = try TarFile(path) } catch {
                guard error.exit == .malformed else { throw error }
                throw Refusal(.malformed, "`\(path)` is no evidence pack")
            }
            var entries: [String: TarFile.Entry] = [:]
            var total = 0
            for entry in archive.entries {
                try PackFiles.check(entry.name, entry.range.count, &total)
                guard entries.updateValue(entry, forKey: entry.name) == nil else {
                    throw Refusal(.malformed, "the pack has `\(entry.name)` twice")
                }
            }
            names = archive.entries.map(\.name)
            guard names == names.sorted() else {
                throw Refusal(.malformed, "the files of the archive are not in order")
            }
            source = .archive(archive, entries)
        }
        known = Set(names)
        guard known.contains(PackFiles.manifest) else {
            throw Refusal(.malformed, "`\(path)` has no `\(PackFiles.manifest)`")
        }
    }

    /// Returns whether a name is a relative path that stays in its folder.
    static func isName(_ name: String) -> Bool {
        guard (1...maximumName).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
        else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static func check(_ name: String, _ count: Int, _ total: inout Int) throws(Refusal) {
        guard isName(name) else {
            throw Refusal(.malformed, "`\(name)` is no name of a file of a pack")
        }
        total += count
        guard count <= maximumBytes, total <= maximumTotal else {
            throw Refusal(.malformed, "`\(name)` makes the pack too large")
        }
    }

    private static func names(under path: String) throws(Refusal) -> [String] {
        var names: [String] = []
        var folders = [""]
        var seen = 0
        var total = 0
        while let folder = folders.popLast() {
            let inner = folder.isEmpty ? path : "\(path)/\(folder)"
            for last in try Files.names(inner) ?? [] {
                let name = folder.isEmpty ? last : "\(folder)/\(last)"
                seen += 1
                guard seen <= maximumFiles else {
                    throw Refusal(.malformed, "the pack has more than \(maximumFiles) files")
                }
                try check(name, 0, &total)
                var info = stat()
                guard unsafe lstat("\(path)/\(name)", &info) == 0 else {
                    throw Refusal(.io, "`\(name)` cannot be read")
                }
                let kind = info.st_mode & S_IFMT
                guard kind == S_IFREG || kind == S_IFDIR else {
                    throw Refusal(.malformed, "`\(name)` is neither a file nor a folder")
                }
                if kind == S_IFDIR {
                    folders.append(name)
                } else {
                    try check(name, Int(info.st_size), &total)
                    names.append(name)
                }
            }
        }
        return names
    }

    func has(_ name: String) -> Bool { known.contains(name) }

    /// Returns the content of a file that must exist.
    func contents(_ name: String, limit: Int = PackFiles.maximumBytes) throws(PackFault) -> [UInt8]
    {
        let bytes: [UInt8]
        do throws(Refusal) { bytes = try read(name, limit) } catch {
            if error.exit == .missing { throw .file(name, "it is missing") }
            throw .refused(error)
        }
        guard !digests.isEmpty else { return bytes }
        guard let expected = digests[name] else {
            throw .file(name, "the manifest does not list it")
        }
        let found = Crypto.sha256(bytes)
        guard found == expected else {
            throw .file(name, expected: "sha256:\(expected.hex)", found: "sha256:\(found.hex)")
        }
        return bytes
    }

    private func read(_ name: String, _ limit: Int) throws(Refusal) -> [UInt8] {
        switch source {
        case .folder(let path): return try Files.required("\(path)/\(name)", limit: limit)
        case .archive(let archive, let entries):
            guard let entry = entries[name] else {
                throw Refusal(.missing, "there is no file `\(name)`")
            }
            return try archive.contents(entry, limit: limit)
        }
    }

    /// Returns the names in a folder of the pack.
    func names(in folder: String) -> [String] { names.filter { $0.hasPrefix(folder + "/") } }
}
