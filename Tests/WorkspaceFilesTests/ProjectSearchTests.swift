import InterlockCredentials
import InterlockModel
import InterlockSafety
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// The search of a project for what no agent may see: the same files as a run would see, and no other.
@Suite(.requirement("R078")) struct ProjectSearchTests {
    private func search(
        _ playground: Playground, _ scanner: WordScanner, clean: HashCache? = nil
    ) throws -> ProjectSearch {
        try ProjectSearch(
            of: playground.project, hidden: try HiddenNames([".env*", ".ssh"]), scanner: scanner,
            hashing: playground.hashing, hashes: HashCache(hashing: playground.hashing),
            clean: clean ?? HashCache(hashing: playground.hashing, rest: -1_000_000_000))
    }

    @Test func `what is hidden is not searched, and what replaces a file is`() throws {
        let playground = try Playground()
        try playground.shell(
            """
            cd project; mkdir -p src .ssh .git
            echo secret > .env; echo secret > .ssh/id; ln .env src/other; ln -s ../.env src/link
            echo secret > src/a.c; echo plain > b.txt; mkfifo src/pipe
            printf '[remote "o"]\\n\\turl = https://u:secret@h/a\\n' > .git/config
            """)
        let found = try search(playground, WordScanner())
        #expect(found.found.map(\.path.escaped) == ["src/a.c"])
        let base = try playground.prepare(try HiddenNames([".env*", ".ssh"])).prepared.base
        #expect(found.base == base && found.firstUnsearched(in: base) == nil)
        try playground.shell("echo other > project/b.txt; rm -rf layer")
        let later = try playground.prepare(try HiddenNames([".env*", ".ssh"])).prepared.base
        #expect(found.firstUnsearched(in: later)?.escaped == "b.txt")
    }

    @Test func `a clean file is read once, until it or the scanner changes`() throws {
        let playground = try Playground()
        try playground.shell("cd project; echo a > a; echo secret > b; echo c > c")
        let first = WordScanner()
        let kept = HashCache(
            try search(playground, first).clean.bytes(hashing: playground.hashing),
            hashing: playground.hashing, rest: -1_000_000_000)
        #expect(first.texts == 3)
        let second = WordScanner()
        let again = try search(playground, second, clean: kept)
        #expect(second.texts == 1 && again.known == 2 && again.found.count == 1)
        let other = WordScanner(2)
        _ = try search(playground, other, clean: kept)
        #expect(other.texts == 3)
        try playground.shell("echo secret >> project/a")
        let third = WordScanner()
        #expect(try search(playground, third, clean: kept).found.count == 2)
    }

    @Test func `a failure of the scanner is not an empty result`() throws {
        let playground = try Playground()
        try playground.shell("echo a > project/a")
        let scanner = WordScanner()
        scanner.failure = ScanFailure(.budget, "too much")
        let hidden = try HiddenNames([])
        do throws(ProjectSearch.Failure) {
            _ = try ProjectSearch(
                of: playground.project, hidden: hidden, scanner: scanner,
                hashing: playground.hashing, hashes: HashCache(hashing: playground.hashing),
                clean: HashCache(hashing: playground.hashing))
            Issue.record("the search ended")
        } catch {
            guard case .scanner(let failure) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(failure.code == .budget)
        }
    }

    @Test func `a project that is not there is a failure of its files`() throws {
        let playground = try Playground()
        #expect(throws: ProjectSearch.Failure.self) {
            _ = try ProjectSearch(
                of: playground.root + "/none", hidden: try HiddenNames([]), scanner: WordScanner(),
                hashing: playground.hashing, hashes: HashCache(hashing: playground.hashing),
                clean: HashCache(hashing: playground.hashing))
        }
    }
}
