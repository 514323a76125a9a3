import InterlockInvariants
import InterlockTesting
import Testing

/// Trust policies and requests to witnesses come from outside: an edited one is either refused or means what it says.
@Suite struct `Edited witness inputs` {
    private static let rounds = 400

    @Test func `no edit of a kept input breaks an invariant`() throws {
        var chance = SeededGenerator.announced()
        let files = TestFiles.list(TestFiles.root(from: #filePath) + "/Fuzz/Witness/corpus")
        try #require(files.count >= 5)
        for file in files {
            let kept = try #require(TestFiles.read(file))
            for _ in 0..<Self.rounds {
                var bytes = kept
                for _ in 0..<Int.random(in: 1...3, using: &chance) { edit(&bytes, &chance) }
                Invariants.witness(bytes)
            }
        }
    }

    /// Changes, inserts, duplicates or removes a byte, or repeats a line.
    private func edit(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
        guard let place = bytes.indices.randomElement(using: &chance) else { return }
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        case 1: bytes.insert(bytes[place], at: place)
        case 2: bytes.remove(at: place)
        default:
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            guard let line = lines.randomElement(using: &chance) else { return }
            bytes += Array(line) + [UInt8(ascii: "\n")]
        }
    }
}
