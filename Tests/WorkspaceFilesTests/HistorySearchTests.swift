import InterlockModel
import InterlockSafety
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

/// The search of what the repositories of a project keep. Git runs on the host here: the tests wrote the repository.
@Suite(.requirement("R078", "R082")) struct HistorySearchTests {
    private static let git =
        "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main"

    private struct HostReader: ObjectReader {
        let playground: Playground
        /// The words of Git instead of a list.
        var list: String?

        func list(
            _ store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
        ) throws(ScanFailure) {
            try run(
                list.map { "printf '\($0)'" }
                    ?? "git -C project cat-file --batch-all-objects --batch-check='\(ObjectList.lineFormat)'",
                take)
        }

        func read(
            _ blobs: [ListedBlob], of store: ObjectStore,
            take: (Span<UInt8>) throws(ScanFailure) -> Void
        ) throws(ScanFailure) {
            let names = blobs.map { $0.id.hex(store.format) + "\\n" }.joined()
            try run("printf '\(names)' | git -C project cat-file --batch", take)
        }

        func names(
            of store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
        ) throws(ScanFailure) {
            try run(
                "git -C project rev-list --all --objects --in-commit-order --topo-order --reverse",
                take)
        }

        private func run(
            _ command: String, _ take: (Span<UInt8>) throws(ScanFailure) -> Void
        ) throws(ScanFailure) {
            let bytes: [UInt8]
            do {
                try playground.shell("{ \(command); } > said")
                bytes = Array(try playground.text("said").utf8)
            } catch { throw ScanFailure(.history, "\(error)") }
            try take(bytes.span)
        }
    }

    private func playground() throws -> Playground {
        let playground = try Playground()
        try playground.shell(
            """
            cd project; g() { \(Self.git) "$@"; }
            g init -q; mkdir src; echo secret 1 > src/old.c; echo secret 2 > .env; echo plain > a
            g add -f .; g commit -qm 1
            g rm -q --cached src/old.c .env; rm src/old.c; echo other > a; g commit -qam 2
            g checkout -qb side; echo secret 3 > b; g add b; g commit -qm 3; g checkout -q main
            echo secret 4 | g hash-object -w --stdin > /dev/null
            """)
        return playground
    }

    private func search(
        _ playground: Playground, _ scanner: WordScanner, _ clean: inout CleanObjects,
        list: String? = nil
    ) throws -> HistorySearch {
        let hidden = try HiddenNames([".env"])
        let hashing = playground.hashing
        let tree = try ProjectSearch(
            of: playground.project, hidden: hidden, scanner: WordScanner(), hashing: hashing,
            hashes: HashCache(hashing: hashing), clean: HashCache(hashing: hashing))
        return try HistorySearch(
            of: tree.base, HostReader(playground: playground, list: list), scanner,
            hashing: hashing, clean: &clean, needsDigests: true, progress: { _ in })
    }

    @Test func `each content is searched once, on any branch, hidden by its name, or on none`()
        throws
    {
        let playground = try playground()
        var clean = CleanObjects(scanner: Digest(words: (1, 0, 0, 0)), hashing: playground.hashing)
        let scanner = WordScanner()
        let found = try search(playground, scanner, &clean)
        #expect(found.found.map(\.path) == [nil, ".env", "b", "src/old.c"])
        #expect(found.found.map { $0.commit != nil } == [false, true, true, true])
        #expect(found.blobs == 6 && found.known == 0 && scanner.texts == 6)
        let digests = found.found.map(\.digest)
        let texts = ["secret 4\n", "secret 2\n", "secret 3\n", "secret 1\n"]
        #expect(digests == texts.map { playground.hashing.sha256(Array($0.utf8)) })
        // The commit that brought it, not the one that took it away.
        try playground.shell("git -C project rev-list --reverse main > said")
        let first = try playground.text("said").split(separator: "\n").first
        #expect(found.found.last?.commit?.hex(.sha1)[...] == first)
    }

    @Test func `what was clean is not read again, and what was found is`() throws {
        let playground = try playground()
        var clean = CleanObjects(scanner: Digest(words: (1, 0, 0, 0)), hashing: playground.hashing)
        _ = try search(playground, WordScanner(), &clean)
        try playground.shell("cd project; echo more > c; git add c; \(Self.git) commit -qm 4")
        let scanner = WordScanner()
        let again = try search(playground, scanner, &clean)
        #expect(again.known == 2 && scanner.texts == 5 && again.found.count == 4)
    }

    @Test func `a failure is not an empty result, and what was searched before it counts`() throws {
        let playground = try playground()
        var clean = CleanObjects(scanner: Digest(words: (1, 0, 0, 0)), hashing: playground.hashing)
        let scanner = WordScanner()
        scanner.failure = ScanFailure(.budget, "too much")
        #expect(throws: ScanFailure(.budget, "")) { try search(playground, scanner, &clean) }
        for list in ["blob", "error: something\\n", "blob 00 1\\n"] {
            #expect(throws: ScanFailure(.history, "")) {
                try search(playground, WordScanner(), &clean, list: list)
            }
        }
        // A content that Git lists and does not have.
        let none = String(repeating: "0", count: 40)
        #expect(throws: ScanFailure(.history, "")) {
            try search(playground, WordScanner(), &clean, list: "blob \(none) 1\\n")
        }
        // More than is read in one search.
        #expect(throws: ScanFailure(.history, "")) {
            try search(
                playground, WordScanner(), &clean,
                list: "blob \(none) \(HistorySearch.mostBytes + 1)\\n")
        }
    }

    @Test func `a project without a repository has no history`() throws {
        let playground = try Playground()
        try playground.shell("echo secret > project/a")
        var clean = CleanObjects(scanner: Digest(words: (1, 0, 0, 0)), hashing: playground.hashing)
        let found = try search(playground, WordScanner(), &clean)
        #expect(found.stores.isEmpty && found.found.isEmpty && found.blobs == 0)
    }
}
