import InterlockInvariants
import InterlockTesting
import Testing

/// Replays every input that a fuzzer found worth keeping. A broken invariant ends the process with a message.
@Suite struct `Fuzz corpora` {
    private static let root = TestFiles.root(from: #filePath) + "/Fuzz"

    @Test(arguments: FuzzTarget.all.map(\.folder))
    func `each kept input keeps the invariants`(folder: String) throws {
        let files = TestFiles.list(Self.root + "/\(folder)/corpus")
        try #require(files.count >= 5, "the corpus of \(folder) is not there")
        let target = try #require(FuzzTarget.all.first { $0.folder == folder })
        for file in files { target.check(try #require(TestFiles.read(file))) }
    }

    @Test func `each folder of a corpus is a target, once`() {
        let folders = TestFiles.list(Self.root).filter { !TestFiles.list($0 + "/corpus").isEmpty }
        #expect(folders.count > 30)
        #expect(
            folders.map { String($0.split(separator: "/").last ?? "") }.sorted()
                == FuzzTarget.all.map(\.folder).sorted())
    }
}
