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

    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

/// A generator with a printed seed, so that a failure can be reproduced.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(_ name: String) {
        let seed = Vectors.environment("INTERLOCK_SEED").flatMap { UInt64($0) } ?? 20_261_120
        print("\(name): INTERLOCK_SEED=\(seed)")
        state = seed
    }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
