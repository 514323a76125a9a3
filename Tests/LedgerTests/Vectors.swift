import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

let hashing = OpenSSLHashing()
let tree = TreeHash(hashing)

/// Vectors of other projects.
enum Vectors {
    static let folder = TestFiles.vectors(from: #filePath)

    /// Is true if the suites run. A suite without vectors is skipped by name; on CI it fails instead.
    static var present: Bool {
        unsafe access(folder + "/merkle/testdata", F_OK) == 0 || TestFiles.isCI
    }

    static func bytes(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(folder + "/" + path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    /// All files under the folder, by path relative to the vectors.
    static func files(_ path: String) -> [String] {
        guard let directory = unsafe opendir(folder + "/" + path) else { return [] }
        defer { unsafe closedir(directory) }
        var found: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name.hasPrefix(".") { continue }
            let below = path + "/" + name
            found += unsafe entry.pointee.d_type == UInt8(DT_DIR) ? files(below) : [below]
        }
        return found.sorted()
    }
}

extension SeededGenerator {
    /// Prints the seed with the name of the test, so that a failure can be reproduced.
    init(_ name: String) {
        let seed = Self.seed(or: 20_261_120)
        print("\(name): INTERLOCK_SEED=\(seed)")
        self.init(seed: seed)
    }
}
