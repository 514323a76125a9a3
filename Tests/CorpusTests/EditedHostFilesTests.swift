import InterlockInvariants
import InterlockTesting
import Testing

/// People and other programs write the files of hosts: an edited file is either refused, or an edit by Interlock
/// preserves the rest of it.
@Suite struct `Edited host files` {
    private static let rounds = 300

    @Test func `no edit of a kept input breaks an invariant`() throws {
        var chance = SeededGenerator.announced()
        let files = TestFiles.list(TestFiles.root(from: #filePath) + "/Fuzz/Hosts/corpus")
        try #require(files.count >= 5)
        let pieces = files.compactMap(TestFiles.read)
        let marks = Array("{}[],:\"/*\\ \n\r\t".utf8)
        for kept in pieces {
            for _ in 0..<Self.rounds {
                var bytes = kept
                for _ in 0..<Int.random(in: 1...4, using: &chance) {
                    guard let place = bytes.indices.randomElement(using: &chance) else { break }
                    switch Int.random(in: 0..<4, using: &chance) {
                    case 0: bytes[place] = marks.randomElement(using: &chance) ?? 0
                    case 1: bytes.insert(marks.randomElement(using: &chance) ?? 0, at: place)
                    case 2: bytes.remove(at: place)
                    default:
                        let end = Int.random(in: place...bytes.count, using: &chance)
                        bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
                    }
                }
                Invariants.hosts(bytes)
            }
        }
    }
}
