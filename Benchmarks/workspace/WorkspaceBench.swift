import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockWorkspace
import InterlockWorkspaceFiles

/// Measures the preparation and the diff of a workspace.
///
///     bench-workspace FOLDER FILES BYTES
///
/// Makes a project of FILES files of BYTES bytes each in FOLDER, which must not exist. Prints one JSON object of
/// milliseconds: `prepare_cold`, `prepare_warm` (digests known), `diff_few` (100 files changed), `diff_all` (every file
/// changed).
@main
enum WorkspaceBench {
    static let hashing = OpenSSLHashing()
    static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))

    static func main() throws {
        let words = CommandLine.arguments
        guard words.count == 4, let files = Int(words[2]), let bytes = Int(words[3]), files > 0
        else { throw Misuse.usage }
        let root = words[1]
        for folder in ["", "/project"] {
            guard unsafe mkdir(root + folder, 0o700) == 0 else { throw Misuse.folder }
        }
        let hidden = try HiddenNames([
            ".env*", "*.pem", "*.key", "id_rsa*", ".ssh", ".aws", ".npmrc",
        ])
        try fill(root + "/project", files, bytes, first: 0)
        // Digests are kept only for files that have settled.
        sleep(3)
        var times: [(String, Duration)] = []
        let clock = ContinuousClock()
        var cache = HashCache(hashing: hashing)
        for name in ["cold", "warm"] {
            let layer = root + "/" + name
            times.append(
                (
                    "prepare_" + name,
                    try clock.measure {
                        let made = try RunFolder.prepare(
                            layer, run: run, project: root + "/project", hidden: hidden,
                            cache: cache, hashing: hashing)
                        cache = HashCache(
                            made.prepared.cache.bytes(hashing: hashing), hashing: hashing)
                    }
                ))
        }
        for (name, layer, changed) in [("few", "cold", min(100, files)), ("all", "warm", files)] {
            try fill("\(root)/\(layer)/upper", changed, bytes, first: 1)
            let folder = try RunFolder(opening: root + "/" + layer, run: run)
            var found = 0
            times.append(
                (
                    "diff_" + name,
                    try clock.measure { found = try folder.diff(hashing: hashing).changes.count }
                ))
            guard found == changed else { throw Misuse.count(found) }
        }
        var result: JSONObject = ["files": .integer(Int64(files)), "bytes": .integer(Int64(bytes))]
        for (name, time) in times {
            let parts = time.components
            result[name] = .integer(
                parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
        }
        print(String(decoding: result.serialized(), as: UTF8.self))
    }

    /// Writes files, a hundred in each directory.
    ///
    /// - Parameter first: the first byte of each file.
    private static func fill(_ root: String, _ count: Int, _ bytes: Int, first: UInt8) throws {
        var content = [UInt8](repeating: 0x61, count: max(1, bytes))
        content[0] = first
        for number in 0..<count {
            let folder = "\(root)/d\(number / 100)"
            if number % 100 == 0 {
                guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                    throw Misuse.folder
                }
                // The mode of the project's directories, which no run changed.
                guard unsafe chmod(folder, 0o755) == 0 else { throw Misuse.folder }
            }
            let file = unsafe open("\(folder)/f\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            guard file >= 0 else { throw Misuse.folder }
            let written = unsafe write(file, content, content.count)
            close(file)
            guard written == content.count else { throw Misuse.folder }
        }
    }

    enum Misuse: Error {
        case usage, folder
        case count(Int)
    }
}
